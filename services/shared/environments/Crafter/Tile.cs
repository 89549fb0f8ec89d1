namespace Dreamer.Environments.Crafter;

/// <summary>A square picture with transparency.</summary>
/// <param name="Size">Height and width in pixels.</param>
/// <param name="Rgba">[size, size, 4].</param>
internal sealed record Tile(int Size, byte[] Rgba)
{
    public ReadOnlySpan<byte> Pixel(int x, int y) => Rgba.AsSpan(((y * Size) + x) * 4, 4);

    /// <summary>Scales by taking the nearest pixel.</summary>
    public Tile Resize(int size)
    {
        var resized = new byte[size * size * 4];
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
            {
                Pixel(Nearest(x), Nearest(y)).CopyTo(resized.AsSpan(((y * size) + x) * 4, 4));
            }
        }

        return new Tile(size, resized);

        int Nearest(int index) => (int)((index + 0.5) * Size / size);
    }
}
