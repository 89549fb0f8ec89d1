namespace Dreamer.Experience;

/// <summary>What the index knows about a stream.</summary>
internal sealed class IndexedStream(StreamId id)
{
    public StreamId Id { get; } = id;

    public IndexedChunk? Tail { get; set; }

    /// <summary>Sequence that comes next.</summary>
    public long NextSequence { get; set; }

    /// <summary>Sequences below are durable.</summary>
    public long DurableSequence { get; set; }

    /// <summary>Steps seen since the first chunk known.</summary>
    public long Steps { get; set; }

    /// <summary>Where the next window for the online queue begins.</summary>
    public long OnlineNext { get; set; }

    /// <summary>Waits in the index's queue of streams without a chunk.</summary>
    public bool Idle { get; set; }

    /// <summary>Chunks still in the index.</summary>
    public int Chunks { get; set; }
}
