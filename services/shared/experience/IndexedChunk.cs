namespace Dreamer.Experience;

/// <summary>A chunk in the index, linked to its neighbours in the stream.</summary>
internal sealed class IndexedChunk(ChunkRecord record, IndexedStream stream, long firstStep)
{
    public ChunkRecord Record { get; } = record;

    public IndexedStream Stream { get; } = stream;

    /// <summary>Position of its first step in the stream, counted from the first chunk known.</summary>
    public long FirstStep { get; } = firstStep;

    public IndexedChunk? Previous { get; set; }

    public IndexedChunk? Next { get; set; }

    /// <summary>Windows start at its offsets [0, ValidStarts).</summary>
    public int ValidStarts { get; set; }

    /// <summary>Outstanding plans that read it.</summary>
    public int Leases { get; set; }

    /// <summary>Unlinked from the index; its payload goes when no plan reads it.</summary>
    public bool Evicted { get; set; }
}
