using System.Buffers.Binary;

namespace Dreamer.Experience;

/// <summary>Where the steps of a stored chunk lie, told by its header alone, so that a window is read without the rest.</summary>
public static class ChunkRanges
{
    /// <summary>First bytes of a chunk to look at: they hold its header unless it has very many columns or episodes.</summary>
    public const int HeadBytes = 2048;

    // Reading on through a gap of this size costs less than another request.
    private const int WorthSkipping = 16 << 10;

    /// <summary>Reads how many steps and bytes the chunk has; false where these bytes do not hold an intact header.</summary>
    public static bool TryMeasure(ReadOnlySpan<byte> head, out int steps, out int bytes)
    {
        (steps, bytes) = (0, 0);
        if (!ChunkCodec.HasIntactHeader(head))
        {
            return false;
        }

        steps = ChunkCodec.Steps(head);
        bytes = ChunkCodec.HeaderBytes(head);
        for (var column = 0; column < ChunkCodec.Columns(head); column++)
        {
            var entry = ChunkCodec.Entry(head, column);
            if (entry.Offset < 0 || entry.StoredSize < 0 || (long)entry.Offset + entry.StoredSize > Array.MaxLength
                || entry.RawSize < 0 || entry.RawSize % steps != 0 || (entry.IsRaw && entry.RawSize != entry.StoredSize))
            {
                return false;
            }

            bytes = Math.Max(bytes, entry.Offset + entry.StoredSize);
        }

        return true;
    }

    /// <summary>Adds the byte ranges after the head that hold some steps; compressed columns are wanted from their start to their end.</summary>
    /// <param name="head">A measured head.</param>
    /// <param name="first">First step wanted.</param>
    /// <param name="steps">How many.</param>
    /// <param name="ranges">Ascending, end exclusive.</param>
    public static void Find(ReadOnlySpan<byte> head, int first, int steps, List<(int Start, int End)> ranges)
    {
        ranges.Clear();
        for (var column = 0; column < ChunkCodec.Columns(head); column++)
        {
            var entry = ChunkCodec.Entry(head, column);
            var stepBytes = entry.RawSize / ChunkCodec.Steps(head);
            var (start, end) = entry.IsRaw
                ? (entry.Offset + (first * stepBytes), entry.Offset + ((first + steps) * stepBytes))
                : (entry.Offset, entry.Offset + entry.StoredSize);
            start = Math.Max(start, head.Length);
            if (start >= end)
            {
                continue;
            }

            if (ranges.Count > 0 && start - ranges[^1].End < WorthSkipping)
            {
                ranges[^1] = (ranges[^1].Start, end);
            }
            else
            {
                ranges.Add((start, end));
            }
        }
    }
}
