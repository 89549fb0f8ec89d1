namespace Dreamer.Environments.Crafter;

/// <summary>A square picture with transparency.</summary>
/// <param name="Size">Height and width in pixels.</param>
/// <param name="Rgba">[size, size, 4].</param>
internal sealed record Tile(int Size, byte[] Rgba)
{
    private readonly byte[] rgb = [.. Rgba.Where((_, index) => index % 4 < 3)];

    /// <summary>One row without its transparency, [size, 3].</summary>
    public ReadOnlySpan<byte> Row(int y) => rgb.AsSpan(y * Size * 3, Size * 3);

    public ReadOnlySpan<byte> Pixel(int x, int y) => Rgba.AsSpan(((y * Size) + x) * 4, 4);

    /// <summary>Scales by taking the nearest pixel, found as imaging libraries find it: by adding up the step, errors included.</summary>
    public Tile Resize(int size)
    {
        var step = (double)Size / size;
        var nearest = new int[size];
        for (var (index, place) = (0, step / 2); index < size; index++, place += step)
        {
            nearest[index] = (int)place;
        }

        var resized = new byte[size * size * 4];
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
            {
                Pixel(nearest[x], nearest[y]).CopyTo(resized.AsSpan(((y * size) + x) * 4, 4));
            }
        }

        return new Tile(size, resized);
    }
}
