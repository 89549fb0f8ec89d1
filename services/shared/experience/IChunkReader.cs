namespace Dreamer.Experience;

/// <summary>Reads stored chunks.</summary>
public interface IChunkReader
{
    /// <summary>The encoded chunk per id.</summary>
    ValueTask<ChunkPayloads> ReadAsync(ReadOnlyMemory<long> ids, CancellationToken cancellation);

    /// <summary>The plan's chunks, of which only the header and the steps of its windows need to be there.</summary>
    ValueTask<ChunkPayloads> ReadAsync(BatchPlan plan, CancellationToken cancellation) => ReadAsync(plan.Chunks.AsMemory(), cancellation);
}
