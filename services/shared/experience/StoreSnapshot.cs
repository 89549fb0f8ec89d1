using System.Collections.Immutable;

namespace Dreamer.Experience;

/// <summary>Everything needed to rebuild the index.</summary>
/// <param name="Records">Chunks in commit order, ids ascending.</param>
/// <param name="NextSequences">Next sequence per stream; also of streams whose chunks are all gone.</param>
/// <param name="TotalSteps">Steps ever committed, evicted ones included.</param>
/// <param name="Meta">Last blob saved, empty when there is none.</param>
public sealed record StoreSnapshot(
    ImmutableArray<ChunkRecord> Records,
    IReadOnlyDictionary<StreamId, long> NextSequences,
    long TotalSteps,
    ReadOnlyMemory<byte> Meta);
