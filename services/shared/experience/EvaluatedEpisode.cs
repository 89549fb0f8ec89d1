using Dreamer.Spaces;

namespace Dreamer.Experience;

/// <summary>An episode played without exploration by one version of the weights. It is logged and never trained on.</summary>
/// <param name="PolicyVersion">The weights.</param>
/// <param name="PolicySteps">Steps in the replay when they were published.</param>
/// <param name="Return">Undiscounted sum of its rewards.</param>
/// <param name="Length">Agent steps.</param>
/// <param name="Facts">What its environment and its policy told of it.</param>
public readonly record struct EvaluatedEpisode(long PolicyVersion, long PolicySteps, double Return, int Length, IReadOnlyList<EpisodeFact>? Facts = null);
