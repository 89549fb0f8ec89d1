using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Dreamer.Experience;

/// <summary>What the index knows about a committed chunk.</summary>
/// <param name="Id">Ascending in commit order; never used twice.</param>
/// <param name="Stream">Its stream.</param>
/// <param name="Sequence">Position in the stream.</param>
/// <param name="Steps">Records inside.</param>
/// <param name="Bytes">Stored size.</param>
/// <param name="EndsStream">No chunk follows in the stream.</param>
/// <param name="Abandoned">It ends the stream in the middle of an episode: its last step reads as is_last.</param>
/// <param name="Ends">Offsets of its <c>is_last</c> steps, ascending; what is not told counts as none.</param>
public readonly record struct ChunkRecord(
    long Id, StreamId Stream, long Sequence, int Steps, int Bytes, bool EndsStream, bool Abandoned, ImmutableArray<int> Ends = default)
{
    private const int FixedSize = 41;

    /// <summary>Bytes of the binary form.</summary>
    public int Size => FixedSize + (Ends.IsDefaultOrEmpty ? 0 : sizeof(int) * (1 + Ends.Length));

    public bool Equals(ChunkRecord other) =>
        (Id, Stream, Sequence, Steps, Bytes, EndsStream, Abandoned) == (other.Id, other.Stream, other.Sequence, other.Steps, other.Bytes, other.EndsStream, other.Abandoned)
        && (Ends.IsDefaultOrEmpty ? other.Ends.IsDefaultOrEmpty : !other.Ends.IsDefaultOrEmpty && Ends.AsSpan().SequenceEqual(other.Ends.AsSpan()));

    public override int GetHashCode() => HashCode.Combine(Id, Stream, Sequence);

    /// <summary>The first step from <paramref name="offset"/> on that ends an episode; the last step of an abandoned stream is one.</summary>
    public int? FirstEnd(int offset)
    {
        if (!Ends.IsDefaultOrEmpty)
        {
            foreach (var end in Ends)
            {
                if (end >= offset)
                {
                    return end;
                }
            }
        }

        return Abandoned ? Steps - 1 : null;
    }

    /// <summary>Writes the binary form, little endian: <see cref="Size"/> bytes.</summary>
    public void Write(Span<byte> into)
    {
        BinaryPrimitives.WriteInt64LittleEndian(into, Id);
        Stream.Write(into[8..]);
        BinaryPrimitives.WriteInt64LittleEndian(into[24..], Sequence);
        BinaryPrimitives.WriteInt32LittleEndian(into[32..], Steps);
        BinaryPrimitives.WriteInt32LittleEndian(into[36..], Bytes);
        into[40] = (byte)((EndsStream ? 1 : 0) | (Abandoned ? 2 : 0) | (Ends.IsDefaultOrEmpty ? 0 : 4));
        if (!Ends.IsDefaultOrEmpty)
        {
            BinaryPrimitives.WriteInt32LittleEndian(into[FixedSize..], Ends.Length);
            for (var index = 0; index < Ends.Length; index++)
            {
                BinaryPrimitives.WriteInt32LittleEndian(into[(FixedSize + (sizeof(int) * (1 + index)))..], Ends[index]);
            }
        }
    }

    /// <summary>Reads the form written by <see cref="Write"/>, which may have more behind it.</summary>
    /// <exception cref="StoreDamagedException">These bytes are none.</exception>
    public static ChunkRecord Read(ReadOnlySpan<byte> from)
    {
        if (from.Length < FixedSize)
        {
            throw Damaged($"it has {from.Length} bytes");
        }

        var record = ReadFixed(from);
        return record is { Id: > 0, Sequence: >= 0, Steps: > 0, Bytes: > 0 } ? record : throw Damaged($"it says {record}");
    }

    private static ChunkRecord ReadFixed(ReadOnlySpan<byte> from) => new(
        BinaryPrimitives.ReadInt64LittleEndian(from),
        StreamId.Read(from[8..]),
        BinaryPrimitives.ReadInt64LittleEndian(from[24..]),
        BinaryPrimitives.ReadInt32LittleEndian(from[32..]),
        BinaryPrimitives.ReadInt32LittleEndian(from[36..]),
        (from[40] & 1) != 0,
        (from[40] & 2) != 0,
        (from[40] & 4) != 0 ? ReadEnds(from[FixedSize..], BinaryPrimitives.ReadInt32LittleEndian(from[32..])) : []);

    private static ImmutableArray<int> ReadEnds(ReadOnlySpan<byte> from, int steps)
    {
        var count = from.Length < sizeof(int) ? -1 : BinaryPrimitives.ReadInt32LittleEndian(from);
        if (count < 0 || count > (from.Length / sizeof(int)) - 1)
        {
            throw Damaged($"it counts {count} ends of episodes in {from.Length} bytes");
        }

        var ends = ImmutableArray.CreateBuilder<int>(count);
        while (ends.Count < count)
        {
            var end = BinaryPrimitives.ReadInt32LittleEndian(from[(sizeof(int) * (1 + ends.Count))..]);
            if (end >= steps || end <= (ends.Count > 0 ? ends[^1] : -1))
            {
                throw Damaged($"an episode ends at step {end} of {steps}");
            }

            ends.Add(end);
        }

        return ends.MoveToImmutable();
    }

    private static StoreDamagedException Damaged(string what) =>
        new($"an index record of the replay is damaged ({what}): restore the store from a backup, or empty it and start with fresh experience");
}
