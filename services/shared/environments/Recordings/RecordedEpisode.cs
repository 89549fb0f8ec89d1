using System.Collections.Immutable;

namespace Dreamer.Environments.Recordings;

/// <summary>One episode, or several in a row that draw on from the same generator.</summary>
/// <param name="Seed">Of the environment; 0 where the start says all.</param>
/// <param name="Start">What <see cref="IReplayable.Begin"/> gets.</param>
/// <param name="First">What must hold before the first action.</param>
/// <param name="Steps">In order.</param>
public sealed record RecordedEpisode(
    ulong Seed, IReadOnlyDictionary<string, double[]> Start, ImmutableArray<Check> First, ImmutableArray<RecordedStep> Steps);
