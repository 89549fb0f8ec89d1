namespace Dreamer.Environments.Crafter;

/// <summary>A picture that tiles are put on.</summary>
internal sealed class TilePainter(int width, int height)
{
    public int Width => width;

    public int Height => height;

    /// <summary>[height, width, 3].</summary>
    public byte[] Pixels { get; } = new byte[width * height * 3];

    public void Clear(byte shade) => Pixels.AsSpan().Fill(shade);

    /// <summary>Puts a tile over what is there, its transparency ignored.</summary>
    public void Put(Tile tile, int left, int top)
    {
        for (var y = 0; y < tile.Size; y++)
        {
            tile.Row(y).CopyTo(Pixels.AsSpan((((top + y) * width) + left) * 3));
        }
    }

    /// <summary>Lets what is there shine through; in single precision and rounded down, as the original does.</summary>
    public void Blend(Tile tile, int left, int top)
    {
        for (var y = 0; y < tile.Size; y++)
        {
            for (var x = 0; x < tile.Size; x++)
            {
                var above = tile.Pixel(x, y);
                var below = At(left + x, top + y);
                if (above[3] == byte.MaxValue)
                {
                    above[..3].CopyTo(below);
                    continue;
                }

                var alpha = above[3] / 255f;
                for (var channel = 0; channel < 3; channel++)
                {
                    below[channel] = (byte)(255 * ((alpha * (above[channel] / 255f)) + ((1 - alpha) * (below[channel] / 255f))));
                }
            }
        }
    }

    private Span<byte> At(int x, int y) => Pixels.AsSpan(((y * width) + x) * 3, 3);
}
