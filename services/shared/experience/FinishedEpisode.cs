using Dreamer.Spaces;

namespace Dreamer.Experience;

/// <summary>An episode as the learner logs it.</summary>
/// <param name="InsertedSteps">Steps in the replay when it ended, over all streams.</param>
/// <param name="Return">Undiscounted sum of its rewards.</param>
/// <param name="Length">Agent steps.</param>
/// <param name="Facts">What its environment and its policy told of it.</param>
public readonly record struct FinishedEpisode(long InsertedSteps, double Return, int Length, IReadOnlyList<EpisodeFact>? Facts = null);
