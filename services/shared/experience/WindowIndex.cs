namespace Dreamer.Experience;

/// <summary>
/// All chunks in commit order and, for the window length in use, which of their steps start a window: those with
/// <see cref="Length"/> steps to come in the same stream. Every operation is O(1) for a fixed window length. Not thread safe.
/// </summary>
/// <param name="priorities">Kept up with the windows; null where none are drawn by priority.</param>
internal sealed class WindowIndex(WindowPriorities? priorities = null)
{
    private readonly Dictionary<StreamId, IndexedStream> _streams = [];
    private readonly Queue<IndexedStream> _idle = [];
    private IndexedChunk[] _ring = new IndexedChunk[64];
    private int _head;

    /// <summary>Steps per window, context included; 0 while unknown, and then no step starts a window.</summary>
    public int Length { get; private set; }

    /// <summary>Chunks in the index.</summary>
    public int Count { get; private set; }

    /// <summary>Windows that exist.</summary>
    public long Items { get; private set; }

    /// <summary>Steps in the index.</summary>
    public long Steps { get; private set; }

    /// <summary>Stored bytes in the index.</summary>
    public long Bytes { get; private set; }

    /// <summary>Weights of the windows by priority; null where none are drawn that way.</summary>
    public WindowPriorities? Priorities => priorities;

    /// <summary>Streams known.</summary>
    public int Streams => _streams.Count;

    /// <summary>Chunks from the oldest (0) to the newest.</summary>
    public IndexedChunk this[int position] => _ring[(_head + position) & (_ring.Length - 1)];

    public IndexedStream? Find(StreamId stream) => _streams.GetValueOrDefault(stream);

    /// <summary>Remembers where a stream stands although its chunks are gone.</summary>
    public void Remember(StreamId stream, long nextSequence)
    {
        var known = Open(stream);
        known.NextSequence = nextSequence;
        Rest(known);
    }

    /// <summary>Forgets the stream that has been without a chunk for longest; false when each has some.</summary>
    public bool TryForget(out StreamId stream)
    {
        while (_idle.TryDequeue(out var oldest))
        {
            oldest.Idle = false;
            if (oldest.Chunks == 0 && _streams.Remove(oldest.Id))
            {
                stream = oldest.Id;
                return true;
            }
        }

        stream = default;
        return false;
    }

    public IndexedChunk Add(ChunkRecord record)
    {
        var stream = Open(record.Stream);
        var previous = stream.Tail is { } tail && tail.Record.Sequence == record.Sequence - 1 ? tail : null;
        var chunk = new IndexedChunk(record, stream, stream.Steps) { Previous = previous };
        if (previous is not null)
        {
            previous.Next = chunk;
        }

        stream.Tail = chunk;
        stream.NextSequence = record.Sequence + 1;
        stream.Steps += record.Steps;
        stream.Chunks++;
        if (Count == _ring.Length)
        {
            Grow();
        }

        _ring[(_head + Count) & (_ring.Length - 1)] = chunk;
        Count++;
        Steps += record.Steps;
        Bytes += record.Bytes;
        UpdateStarts(chunk);
        return chunk;
    }

    public IndexedChunk RemoveOldest()
    {
        var chunk = _ring[_head];
        _ring[_head] = null!;
        _head = (_head + 1) & (_ring.Length - 1);
        Count--;
        Steps -= chunk.Record.Steps;
        Bytes -= chunk.Record.Bytes;
        Items -= chunk.ValidStarts;
        chunk.ValidStarts = 0;
        chunk.Evicted = true;
        priorities?.Remove(chunk);
        if (chunk.Next is { } next)
        {
            next.Previous = null;
            chunk.Next = null;
        }

        var stream = chunk.Stream;
        if (--stream.Chunks == 0)
        {
            stream.Tail = null;
            if (chunk.Record.EndsStream)
            {
                _streams.Remove(stream.Id);
            }
            else
            {
                Rest(stream);
            }
        }

        return chunk;
    }

    /// <summary>Sets the window length and recounts.</summary>
    public void SetLength(int length)
    {
        Length = length;
        Items = 0;
        for (var position = 0; position < Count; position++)
        {
            this[position].ValidStarts = 0;
        }

        for (var position = 0; position < Count; position++)
        {
            if (this[position].Next is null)
            {
                UpdateStarts(this[position], all: true);
            }
        }
    }

    /// <summary>The window of that rank, 0 being the oldest; walks from the nearer end.</summary>
    public (IndexedChunk Chunk, int Offset) FromOldest(long rank)
    {
        if (rank < Items / 2)
        {
            for (var position = 0; ; rank -= this[position++].ValidStarts)
            {
                if (rank < this[position].ValidStarts)
                {
                    return (this[position], (int)rank);
                }
            }
        }

        rank -= Items;
        for (var position = Count - 1; ; position--)
        {
            rank += this[position].ValidStarts;
            if (rank >= 0)
            {
                return (this[position], (int)rank);
            }
        }
    }

    /// <summary>
    /// The window from a step on, or, where that would run over the end of its episode, the one that ends there; null when the
    /// stream holds too few steps after it or before that end.
    /// </summary>
    public (IndexedChunk Chunk, int Offset)? EndWithEpisode(IndexedChunk chunk, int offset)
    {
        var back = Length - 1 - StepsToEnd(chunk, offset);
        while (back > offset)
        {
            if (chunk.Previous is null)
            {
                return null;
            }

            back -= offset + 1;
            chunk = chunk.Previous;
            offset = chunk.Record.Steps - 1;
        }

        return offset - back < chunk.ValidStarts ? (chunk, offset - back) : null;
    }

    /// <summary>Steps from one to the last of its episode, but at most those to the end of a window.</summary>
    private int StepsToEnd(IndexedChunk first, int offset)
    {
        var steps = -offset;
        for (var chunk = first; chunk is not null && steps < Length; chunk = chunk.Next)
        {
            var from = chunk == first ? offset : 0;
            if (chunk.Record.FirstEnd(from) is { } end)
            {
                return Math.Min(steps + end, Length - 1);
            }

            steps += chunk.Record.Steps;
        }

        return Length - 1;
    }

    /// <summary>The streams in no particular order.</summary>
    public IEnumerable<IndexedStream> AllStreams() => _streams.Values;

    private void Rest(IndexedStream stream)
    {
        if (!stream.Idle)
        {
            stream.Idle = true;
            _idle.Enqueue(stream);
        }
    }

    private IndexedStream Open(StreamId id)
    {
        if (!_streams.TryGetValue(id, out var stream))
        {
            _streams.Add(id, stream = new IndexedStream(id));
        }

        return stream;
    }

    /// <summary>Walks back from a stream's newest chunk until a chunk has all its steps as starts already.</summary>
    private void UpdateStarts(IndexedChunk newest, bool all = false)
    {
        if (Length == 0)
        {
            return;
        }

        var ahead = 0L;
        for (var chunk = newest; chunk is not null; chunk = chunk.Previous)
        {
            if (!all && chunk.ValidStarts == chunk.Record.Steps)
            {
                return;
            }

            ahead += chunk.Record.Steps;
            var starts = (int)Math.Clamp(ahead - Length + 1, 0, chunk.Record.Steps);
            Items += starts - chunk.ValidStarts;
            chunk.ValidStarts = starts;
            priorities?.Weigh(chunk, Length);
        }
    }

    private void Grow()
    {
        var ring = new IndexedChunk[_ring.Length * 2];
        for (var position = 0; position < Count; position++)
        {
            ring[position] = this[position];
        }

        (_ring, _head) = (ring, 0);
    }
}
