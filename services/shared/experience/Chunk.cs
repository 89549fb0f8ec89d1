using System.Collections.Immutable;
using System.Diagnostics;

namespace Dreamer.Experience;

/// <summary>Consecutive steps of one stream, one contiguous little-endian column per tensor of the schema.</summary>
public sealed record Chunk
{
    /// <summary>The stream it belongs to.</summary>
    public required StreamId Stream { get; init; }

    /// <summary>Position in the stream, from 0.</summary>
    public required long Sequence { get; init; }

    /// <summary>Records inside, at least 1.</summary>
    public required int Steps { get; init; }

    /// <summary><see cref="Schema.Hash"/> of the schema that the columns follow.</summary>
    public required ulong SchemaHash { get; init; }

    /// <summary>Raw columns in schema order, each [steps, *shape].</summary>
    public required ReadOnlyMemory<byte>[] Columns { get; init; }

    /// <summary>Oldest weights that chose an action in here.</summary>
    public long MinPolicyVersion { get; init; }

    /// <summary>Newest weights that chose an action in here.</summary>
    public long MaxPolicyVersion { get; init; }

    /// <summary>Episodes whose last record lies in here, in order.</summary>
    public ImmutableArray<Episode> Episodes { get; init; } = [];

    /// <summary>No chunk follows in this stream.</summary>
    public bool EndsStream { get; init; }

    /// <summary>The span that handed it over, for those who follow it; default for a chunk that is not traced, which most are not.</summary>
    public ActivityContext Trace { get; init; }

    /// <summary>Raw bytes over all columns.</summary>
    public long Bytes
    {
        get
        {
            var bytes = 0L;
            foreach (var column in Columns)
            {
                bytes += column.Length;
            }

            return bytes;
        }
    }

    /// <summary>What holds the columns of a chunk that was built here.</summary>
    internal byte[]? Memory { get; init; }

    /// <summary>Gives the memory of the columns back for the next chunk; nobody may read this one or a copy of it any more.</summary>
    public void Release()
    {
        if (Memory is { } memory)
        {
            RecycledArrays.Return(memory);
        }
    }
}
