namespace Dreamer.Experience;

/// <summary>How image columns are stored.</summary>
public enum ChunkCompression : byte
{
    /// <summary>As they are.</summary>
    None = 0,

    /// <summary>LZ4 where the system has liblz4 and it saves more than 10 %, else as they are.</summary>
    Auto = 1,
}
