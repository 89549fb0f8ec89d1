namespace Dreamer.Reporting;

/// <summary>The colour table of one GIF and the way from a pixel to its index.</summary>
internal sealed class GifPalette
{
    private readonly Dictionary<int, byte>? _exact;

    private GifPalette(byte[] table, Dictionary<int, byte>? exact) => (Table, _exact) = (table, exact);

    /// <summary>256 RGB triples.</summary>
    public byte[] Table { get; }

    public static GifPalette For(IEnumerable<Raster> frames)
    {
        var table = new byte[768];
        var exact = new Dictionary<int, byte>();
        foreach (var frame in frames)
        {
            for (var i = 0; i < frame.Pixels.Length; i += frame.Channels)
            {
                var colour = Colour(frame, i);
                if (exact.ContainsKey(colour))
                {
                    continue;
                }

                if (exact.Count == 256)
                {
                    return Cube();
                }

                Set(table, exact.Count, colour >> 16, (colour >> 8) & 255, colour & 255);
                exact.Add(colour, (byte)exact.Count);
            }
        }

        return new GifPalette(table, exact);
    }

    /// <summary>Writes one index per pixel.</summary>
    public void Map(Raster frame, Span<byte> indices)
    {
        for (var (i, at) = (0, 0); i < frame.Pixels.Length; i += frame.Channels, at++)
        {
            var colour = Colour(frame, i);
            indices[at] = _exact is not null
                ? _exact[colour]
                : (byte)((Step(colour >> 16, 5) * 42) + (Step((colour >> 8) & 255, 6) * 6) + Step(colour & 255, 5));
        }
    }

    private static GifPalette Cube()
    {
        var table = new byte[768];
        for (var i = 0; i < 252; i++)
        {
            Set(table, i, i / 42 * 255 / 5, i / 6 % 7 * 255 / 6, i % 6 * 255 / 5);
        }

        return new GifPalette(table, null);
    }

    private static int Step(int value, int levels) => ((value * levels) + 127) / 255;

    private static int Colour(Raster frame, int at)
    {
        var pixel = frame.Pixels.Span[at..];
        return frame.Channels == 1 ? pixel[0] * 0x010101 : (pixel[0] << 16) | (pixel[1] << 8) | pixel[2];
    }

    private static void Set(byte[] table, int index, int red, int green, int blue) =>
        (table[3 * index], table[(3 * index) + 1], table[(3 * index) + 2]) = ((byte)red, (byte)green, (byte)blue);
}
