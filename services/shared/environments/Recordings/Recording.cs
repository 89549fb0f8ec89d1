using System.Collections.Immutable;

namespace Dreamer.Environments.Recordings;

/// <summary>Episodes of one environment as its original played them.</summary>
/// <param name="Environment">A name that <see cref="EnvironmentRegistry"/> knows.</param>
/// <param name="Episodes">At least one.</param>
public sealed record Recording(string Environment, ImmutableArray<RecordedEpisode> Episodes);
