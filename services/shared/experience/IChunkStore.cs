namespace Dreamer.Experience;

/// <summary>
/// Where chunks lie. One writer: commits, evictions and saves come one at a time; reads may run beside them.
/// Any implementation passes the one contract suite in the tests.
/// </summary>
public interface IChunkStore : IChunkReader, IAsyncDisposable
{
    /// <summary>Reads the index. Call it before the first commit, and again after a call failed or the store was rewound.</summary>
    Task<StoreSnapshot> RecoverAsync(CancellationToken cancellation);

    /// <summary>Stores a chunk under the next id. Repeating a (stream, sequence) changes nothing.</summary>
    /// <param name="record">Its id is ignored: the store assigns one.</param>
    /// <param name="encoded">The store copies what it keeps; while an outcome is unknown the caller must not change them.</param>
    /// <param name="cancellation">Cancels waiting; the outcome is then unknown.</param>
    /// <exception cref="StoreFullException">No room; nothing was stored.</exception>
    /// <exception cref="StoreFencedException">Another writer took over; nothing was stored.</exception>
    /// <exception cref="StoreRewoundException">The store lost commits; nothing was stored.</exception>
    /// <exception cref="StoreUnavailableException">No answer; the outcome is unknown.</exception>
    ValueTask<AppendResult> CommitAsync(ChunkRecord record, ReadOnlyMemory<byte> encoded, CancellationToken cancellation);

    /// <summary>Highest id known to survive a crash, 0 when none is; never waits for a disk.</summary>
    ValueTask<long> DurableAsync(CancellationToken cancellation);

    /// <summary>Completes when everything committed so far is durable.</summary>
    Task FlushAsync(CancellationToken cancellation);

    /// <summary>Deletes chunks, index and payload; unknown ids are ignored.</summary>
    Task EvictAsync(IReadOnlyList<long> ids, CancellationToken cancellation);

    /// <summary>Forgets where streams stand whose chunks are all gone; unknown ones are ignored.</summary>
    Task ForgetAsync(IReadOnlyList<StreamId> streams, CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>Replaces the blob that <see cref="RecoverAsync"/> returns.</summary>
    Task SaveMetaAsync(ReadOnlyMemory<byte> meta, CancellationToken cancellation);
}
