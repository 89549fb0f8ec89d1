using System.Collections.Immutable;

namespace Dreamer.Environments.Recordings;

/// <summary>One episode, or several in a row that nothing is set for in between.</summary>
/// <param name="Seed">Of a new environment; null to go on with that of the episode before.</param>
/// <param name="Start">What <see cref="IReplayable.Begin"/> gets.</param>
/// <param name="First">What must hold before the first action.</param>
/// <param name="Steps">In order.</param>
public sealed record RecordedEpisode(
    ulong? Seed, IReadOnlyDictionary<string, double[]> Start, ImmutableArray<Check> First, ImmutableArray<RecordedStep> Steps);
