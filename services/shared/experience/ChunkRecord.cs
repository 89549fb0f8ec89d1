using System.Buffers.Binary;

namespace Dreamer.Experience;

/// <summary>What the index knows about a committed chunk.</summary>
/// <param name="Id">Ascending in commit order; never used twice.</param>
/// <param name="Stream">Its stream.</param>
/// <param name="Sequence">Position in the stream.</param>
/// <param name="Steps">Records inside.</param>
/// <param name="Bytes">Stored size.</param>
/// <param name="EndsStream">No chunk follows in the stream.</param>
/// <param name="Abandoned">It ends the stream in the middle of an episode: its last step reads as is_last.</param>
public readonly record struct ChunkRecord(long Id, StreamId Stream, long Sequence, int Steps, int Bytes, bool EndsStream, bool Abandoned)
{
    /// <summary>Bytes of the binary form.</summary>
    public const int Size = 41;

    /// <summary>Writes the binary form, little endian.</summary>
    public void Write(Span<byte> into)
    {
        BinaryPrimitives.WriteInt64LittleEndian(into, Id);
        Stream.Write(into[8..]);
        BinaryPrimitives.WriteInt64LittleEndian(into[24..], Sequence);
        BinaryPrimitives.WriteInt32LittleEndian(into[32..], Steps);
        BinaryPrimitives.WriteInt32LittleEndian(into[36..], Bytes);
        into[40] = (byte)((EndsStream ? 1 : 0) | (Abandoned ? 2 : 0));
    }

    /// <summary>Reads the form written by <see cref="Write"/>.</summary>
    public static ChunkRecord Read(ReadOnlySpan<byte> from) => new(
        BinaryPrimitives.ReadInt64LittleEndian(from),
        StreamId.Read(from[8..]),
        BinaryPrimitives.ReadInt64LittleEndian(from[24..]),
        BinaryPrimitives.ReadInt32LittleEndian(from[32..]),
        BinaryPrimitives.ReadInt32LittleEndian(from[36..]),
        (from[40] & 1) != 0,
        (from[40] & 2) != 0);
}
