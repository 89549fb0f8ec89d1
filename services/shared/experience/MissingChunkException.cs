namespace Dreamer.Experience;

/// <summary>A plan names a chunk that the store no longer has: ask for another plan and count it.</summary>
public sealed class MissingChunkException(long id) : Exception($"chunk {id} is gone from the store")
{
    public long Id { get; } = id;
}
