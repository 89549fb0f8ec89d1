namespace Dreamer.Experience;

/// <summary>What became of a chunk.</summary>
public enum CommitOutcome : byte
{
    /// <summary>Stored.</summary>
    Committed = 1,

    /// <summary>Already there; nothing changed.</summary>
    Duplicate = 2,

    /// <summary>An earlier chunk of the stream is missing: send from the sequence named.</summary>
    Gap = 3,
}
