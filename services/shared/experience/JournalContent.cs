namespace Dreamer.Experience;

/// <summary>What a journal held when it was opened.</summary>
internal sealed class JournalContent
{
    public SortedDictionary<long, (ChunkRecord Record, ReadOnlyMemory<byte> Encoded)> Chunks { get; } = [];

    public Dictionary<StreamId, long> NextSequences { get; } = [];

    public byte[] Meta { get; set; } = [];

    public long LastId { get; set; }

    public long TotalSteps { get; set; }

    public string? Damage { get; set; }
}
