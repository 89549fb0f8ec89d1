using System.Numerics;
using System.Runtime.InteropServices;

namespace Dreamer.Environments.Rendering;

/// <summary>
/// Draws hard-edged convex polygons on a grid eight times as fine as the picture and averages: neighbours that share an
/// edge leave no seam, which the soft borders of <see cref="Canvas"/> would. Up to 256 colours. Keeps its buffers.
/// </summary>
public sealed class FineCanvas
{
    private const int Fineness = 8;
    private const int ChannelBits = 21;
    private const ulong ChannelMask = (1UL << ChannelBits) - 1;

    private readonly byte[] grid;
    private readonly int columns;
    private readonly int rows;

    // Three channels side by side, so that one addition sums them all.
    private readonly ulong[] palette;

    // Where the current polygon's border goes down and up through each line of the grid.
    private readonly int[] downs;
    private readonly int[] ups;

    /// <param name="width">Of the picture, pixels.</param>
    /// <param name="height">Of the picture, pixels.</param>
    /// <param name="palette">The colours that shapes name by index.</param>
    public FineCanvas(int width, int height, params ReadOnlySpan<Rgb> palette)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(palette.Length, byte.MaxValue + 1);
        (columns, rows) = (width * Fineness, height * Fineness);
        grid = new byte[columns * rows];
        (downs, ups) = (new int[rows], new int[rows]);
        this.palette = new ulong[palette.Length];
        for (var index = 0; index < palette.Length; index++)
        {
            var (red, green, blue) = palette[index];
            this.palette[index] = red | ((ulong)green << ChannelBits) | ((ulong)blue << (2 * ChannelBits));
        }
    }

    /// <summary>Paints everything.</summary>
    public void Clear(byte colour) => grid.AsSpan().Fill(colour);

    /// <summary>A filled convex polygon; corners in pixels of the picture, row 0 on top, in either direction of turn.</summary>
    public void Polygon(ReadOnlySpan<Vector2> corners, byte colour)
    {
        var (low, high) = (corners[0], corners[0]);
        foreach (var corner in corners)
        {
            (low, high) = (Vector2.Min(low, corner), Vector2.Max(high, corner));
        }

        if (low.X * Fineness > columns || low.Y * Fineness > rows || high.X < 0 || high.Y < 0)
        {
            return;
        }

        var (top, bottom) = (rows, 0);
        var from = corners[^1];
        foreach (var to in corners)
        {
            var (first, end) = from.Y < to.Y ? Walk(from, to, downs) : Walk(to, from, ups);
            (top, bottom) = first < end ? (Math.Min(top, first), Math.Max(bottom, end)) : (top, bottom);
            from = to;
        }

        for (var row = top; row < bottom; row++)
        {
            var left = Math.Min(downs[row], ups[row]);
            grid.AsSpan((row * columns) + left, Math.Max(downs[row], ups[row]) - left).Fill(colour);
        }
    }

    /// <summary>Averages the grid into a picture: uint8 [height, width, 3].</summary>
    public void CopyTo(Span<byte> pixels)
    {
        const int count = Fineness * Fineness;
        const ulong half = (1UL | (1UL << ChannelBits) | (1UL << (2 * ChannelBits))) * (count / 2);
        var width = columns / Fineness;
        for (int row = 0, offset = 0; row < rows; row += Fineness)
        {
            var cells = MemoryMarshal.Cast<byte, ulong>(grid.AsSpan(row * columns, Fineness * columns));
            for (var column = 0; column < width; column++, offset += 3)
            {
                var sum = half + Sum(cells[column..], width);
                pixels[offset] = (byte)((sum & ChannelMask) / count);
                pixels[offset + 1] = (byte)(((sum >> ChannelBits) & ChannelMask) / count);
                pixels[offset + 2] = (byte)((sum >> (2 * ChannelBits)) / count);
            }
        }
    }

    /// <summary>The sum of the colours of the eight by eight cells of one pixel, which most often are all the same.</summary>
    private ulong Sum(ReadOnlySpan<ulong> cells, int stride)
    {
        var first = (byte)cells[0];
        var uniform = first * 0x0101010101010101UL;
        var differing = 0UL;
        for (var row = 0; row < Fineness; row++)
        {
            differing |= cells[row * stride] ^ uniform;
        }

        if (differing == 0)
        {
            return palette[first] * Fineness * Fineness;
        }

        var sum = 0UL;
        for (var row = 0; row < Fineness; row++)
        {
            var line = cells[row * stride];
            for (var column = 0; column < Fineness; column++, line >>= Fineness)
            {
                sum += palette[(byte)line];
            }
        }

        return sum;
    }

    /// <summary>Notes where an edge crosses the lines of the grid, and which lines those are.</summary>
    private (int First, int End) Walk(Vector2 upper, Vector2 lower, int[] crossings)
    {
        var (first, end) = (Centre(upper.Y, rows), Centre(lower.Y, rows));
        var slope = (lower.X - upper.X) / (lower.Y - upper.Y);
        for (var row = first; row < end; row++)
        {
            crossings[row] = Centre(upper.X + ((((row + 0.5f) / Fineness) - upper.Y) * slope), columns);
        }

        return (first, end);
    }

    /// <summary>The first cell whose centre lies at or past a coordinate, kept within the grid.</summary>
    private static int Centre(float coordinate, int count) => (int)Math.Clamp(MathF.Ceiling((coordinate * Fineness) - 0.5f), 0, count);
}
