using Dreamer.Spaces;

namespace Dreamer.Experience;

/// <summary>An episode that ends inside a chunk.</summary>
/// <param name="EndStep">Offset in the chunk of its <c>is_last</c> record.</param>
/// <param name="Return">Undiscounted sum of its rewards.</param>
/// <param name="Length">Agent steps (actions taken), that is records minus one.</param>
/// <param name="Facts">What its environment and its policy told of it; not stored with the chunk, since they are logged once and never sampled.</param>
public readonly record struct Episode(int EndStep, double Return, int Length, IReadOnlyList<EpisodeFact>? Facts = null);
