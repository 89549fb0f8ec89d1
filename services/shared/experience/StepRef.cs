namespace Dreamer.Experience;

/// <summary>Names one stored step for ever: chunk ids are never used twice.</summary>
/// <param name="Chunk">Chunk id.</param>
/// <param name="Step">Offset in the chunk.</param>
public readonly record struct StepRef(long Chunk, int Step);
