using System.Collections.Immutable;

namespace Dreamer.Experience;

/// <summary>Consecutive steps of one stream to train on.</summary>
/// <param name="Chunks">The chunks that hold it, in stream order.</param>
/// <param name="Offset">First step in the first chunk.</param>
/// <param name="Length">Steps, context included.</param>
/// <param name="Abandoned">Its last step ends a stream in the middle of an episode and reads as is_last.</param>
public readonly record struct Window(ImmutableArray<long> Chunks, int Offset, int Length, bool Abandoned);
