namespace Dreamer.Experience;

/// <summary>Chunks in this process. With a journal they survive it.</summary>
public sealed class MemoryChunkStore : IChunkStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, Held> _chunks = [];
    private readonly Dictionary<StreamId, long> _next = [];
    private readonly Journal? _journal;
    private byte[] _meta = [];
    private long _lastId;
    private long _totalSteps;

    private MemoryChunkStore(Journal? journal) => _journal = journal;

    /// <summary>A store that ends with the process.</summary>
    public MemoryChunkStore() : this(null) { }

    /// <summary>What the journal had to leave out when it was opened, null when nothing.</summary>
    public string? JournalDamage { get; private init; }

    /// <summary>Opens or creates a journal directory and reads back what it holds; a torn tail is cut off.</summary>
    /// <param name="directory">Created if missing; one process at a time.</param>
    /// <param name="time">Drives the batched flushes to disk, one per second while there is something to flush.</param>
    /// <param name="segmentBytes">A segment file is closed at this size, and deleted when all its chunks are evicted.</param>
    /// <exception cref="StoreUnavailableException">Another process has the directory open.</exception>
    public static MemoryChunkStore OpenJournaled(string directory, TimeProvider time, long segmentBytes = 64L << 20)
    {
        var (journal, content) = Journal.Open(directory, time, segmentBytes);
        var store = new MemoryChunkStore(journal)
        {
            JournalDamage = content.Damage,
            _meta = content.Meta,
            _lastId = content.LastId,
            _totalSteps = content.TotalSteps,
        };
        foreach (var (id, chunk) in content.Chunks)
        {
            store._chunks.Add(id, new Held(chunk.Record, chunk.Encoded));
        }

        foreach (var (stream, next) in content.NextSequences)
        {
            store._next[stream] = next;
        }

        return store;
    }

    public Task<StoreSnapshot> RecoverAsync(CancellationToken cancellation)
    {
        lock (_gate)
        {
            return Task.FromResult(new StoreSnapshot(
                [.. _chunks.Values.Select(chunk => chunk.Record).OrderBy(record => record.Id)],
                new Dictionary<StreamId, long>(_next),
                _totalSteps,
                _meta));
        }
    }

    public ValueTask<AppendResult> CommitAsync(ChunkRecord record, ReadOnlyMemory<byte> encoded, CancellationToken cancellation)
    {
        lock (_gate)
        {
            var next = _next.GetValueOrDefault(record.Stream);
            if (record.Sequence != next)
            {
                return ValueTask.FromResult(new AppendResult(record.Sequence < next ? CommitOutcome.Duplicate : CommitOutcome.Gap, next, 0));
            }

            var stored = record with { Id = _lastId + 1, Bytes = encoded.Length };
            _journal?.WriteChunk(stored, encoded.Span, () => new JournalHeader(_lastId, _totalSteps, _next));
            _lastId = stored.Id;
            _totalSteps += stored.Steps;
            _next[stored.Stream] = next + 1;
            var array = RecycledArrays.Rent(encoded.Length);
            encoded.CopyTo(array);
            _chunks.Add(stored.Id, new Held(stored, array.AsMemory(0, encoded.Length), array));
            return ValueTask.FromResult(new AppendResult(CommitOutcome.Committed, next + 1, stored.Id));
        }
    }

    public ValueTask<long> DurableAsync(CancellationToken cancellation)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(_journal?.DurableId ?? _lastId);
        }
    }

    public Task FlushAsync(CancellationToken cancellation)
    {
        _journal?.Flush();
        return Task.CompletedTask;
    }

    public Task EvictAsync(IReadOnlyList<long> ids, CancellationToken cancellation)
    {
        lock (_gate)
        {
            _journal?.WriteEvicted(ids);
            foreach (var id in ids)
            {
                if (!_chunks.Remove(id, out var chunk))
                {
                    continue;
                }

                chunk.Evicted = true;
                chunk.RecycleIfUnused();
                if (chunk.Record.EndsStream)
                {
                    _next.Remove(chunk.Record.Stream);
                }
            }
        }

        return Task.CompletedTask;
    }

    public Task ForgetAsync(IReadOnlyList<StreamId> streams, CancellationToken cancellation)
    {
        lock (_gate)
        {
            foreach (var stream in streams)
            {
                _next.Remove(stream);
            }
        }

        return Task.CompletedTask;
    }

    public Task SaveMetaAsync(ReadOnlyMemory<byte> meta, CancellationToken cancellation)
    {
        lock (_gate)
        {
            _journal?.WriteMeta(meta.Span);
            _meta = meta.ToArray();
        }

        return Task.CompletedTask;
    }

    public ValueTask<ChunkPayloads> ReadAsync(ReadOnlyMemory<long> ids, CancellationToken cancellation)
    {
        var result = new ReadOnlyMemory<byte>?[ids.Length];
        var read = new List<Held>(ids.Length);
        lock (_gate)
        {
            for (var index = 0; index < result.Length; index++)
            {
                if (_chunks.TryGetValue(ids.Span[index], out var chunk))
                {
                    result[index] = chunk.Encoded;
                    chunk.Readers++;
                    read.Add(chunk);
                }
            }
        }

        return ValueTask.FromResult(new ChunkPayloads(result, () => Release(read)));
    }

    public ValueTask DisposeAsync()
    {
        _journal?.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Release(List<Held> read)
    {
        lock (_gate)
        {
            foreach (var chunk in read)
            {
                chunk.Readers--;
                chunk.RecycleIfUnused();
            }
        }
    }

    /// <summary>A chunk; one that came from the journal has no array to give back.</summary>
    private sealed class Held(ChunkRecord record, ReadOnlyMemory<byte> encoded, byte[]? array = null)
    {
        public ChunkRecord Record => record;

        public ReadOnlyMemory<byte> Encoded => encoded;

        public int Readers { get; set; }

        public bool Evicted { get; set; }

        public void RecycleIfUnused()
        {
            if (Evicted && Readers == 0 && array is not null)
            {
                RecycledArrays.Return(array);
            }
        }
    }
}
