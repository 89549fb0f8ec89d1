namespace Dreamer.Environments.Rendering;

/// <summary>
/// Resizes colour pictures with a triangle filter as wide as the larger of the two pixel sizes, columns first: Pillow's
/// <c>BILINEAR</c>, byte for byte. Keeps its buffers.
/// </summary>
public sealed class BilinearResize
{
    private const int Bits = 22;

    private readonly int fromWidth;
    private readonly int fromHeight;
    private readonly Taps[] columns;
    private readonly Taps[] rows;
    private readonly byte[] between;

    /// <summary>All sizes in pixels, at least 1.</summary>
    public BilinearResize(int fromWidth, int fromHeight, int width, int height)
    {
        (this.fromWidth, this.fromHeight) = (fromWidth, fromHeight);
        (columns, rows) = (Filter(fromWidth, width), Filter(fromHeight, height));
        between = new byte[fromHeight * width * 3];
    }

    private readonly record struct Taps(int First, int[] Weights);

    /// <param name="from">uint8 [fromHeight, fromWidth, 3]; further rows are left out.</param>
    /// <param name="to">uint8 [height, width, 3].</param>
    public void Apply(ReadOnlySpan<byte> from, Span<byte> to)
    {
        var width = columns.Length;
        for (var row = 0; row < fromHeight; row++)
        {
            for (var column = 0; column < width; column++)
            {
                Sum(from[(row * fromWidth * 3)..], columns[column], 3, between.AsSpan(((row * width) + column) * 3));
            }
        }

        for (var row = 0; row < rows.Length; row++)
        {
            for (var column = 0; column < width; column++)
            {
                Sum(between.AsSpan(column * 3), rows[row], width * 3, to[(((row * width) + column) * 3)..]);
            }
        }
    }

    private static void Sum(ReadOnlySpan<byte> from, Taps taps, int stride, Span<byte> to)
    {
        const int half = 1 << (Bits - 1);
        var (red, green, blue) = (half, half, half);
        var offset = taps.First * stride;
        foreach (var weight in taps.Weights)
        {
            red += from[offset] * weight;
            green += from[offset + 1] * weight;
            blue += from[offset + 2] * weight;
            offset += stride;
        }

        (to[0], to[1], to[2]) = ((byte)(red >> Bits), (byte)(green >> Bits), (byte)(blue >> Bits));
    }

    /// <summary>Where the filter of each new pixel starts and its weights, which sum to one.</summary>
    private static Taps[] Filter(int from, int to)
    {
        var filter = new Taps[to];
        var scale = (double)from / to;
        var reach = Math.Max(scale, 1);
        for (var index = 0; index < to; index++)
        {
            var centre = (index + 0.5) * scale;
            var first = Math.Max((int)(centre - reach + 0.5), 0);
            var weights = new double[Math.Min((int)(centre + reach + 0.5), from) - first];
            for (var tap = 0; tap < weights.Length; tap++)
            {
                weights[tap] = Math.Max(1 - Math.Abs((first + tap - centre + 0.5) / reach), 0);
            }

            var sum = weights.Sum();
            filter[index] = new Taps(first, [.. weights.Select(weight => (int)((weight / sum * (1 << Bits)) + 0.5))]);
        }

        return filter;
    }
}
