namespace Dreamer.Reporting;

/// <summary>An image of 8-bit samples.</summary>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="Channels">1 for gray, 3 for RGB.</param>
/// <param name="Pixels">[height, width, channels], row major.</param>
public sealed record Raster(int Height, int Width, int Channels, ReadOnlyMemory<byte> Pixels)
{
    public int Channels { get; } = Channels is 1 or 3 ? Channels : throw new ArgumentOutOfRangeException(nameof(Channels), Channels, "1 for gray or 3 for RGB");

    public ReadOnlyMemory<byte> Pixels { get; } = Pixels.Length == Height * Width * Channels
        ? Pixels
        : throw new ArgumentException($"{Height}x{Width}x{Channels} takes {Height * Width * Channels} bytes, not {Pixels.Length}", nameof(Pixels));

    /// <summary>The images of a film that lie one after another.</summary>
    /// <param name="pixels">[frames, height, width, channels], row major.</param>
    public static Raster[] Film(ReadOnlyMemory<byte> pixels, int frames, int height, int width, int channels)
    {
        var size = height * width * channels;
        return [.. Enumerable.Range(0, frames).Select(frame => new Raster(height, width, channels, pixels.Slice(frame * size, size)))];
    }

    /// <summary>The same image in RGB.</summary>
    public Raster ToRgb()
    {
        if (Channels == 3)
        {
            return this;
        }

        var rgb = new byte[Height * Width * 3];
        for (var i = 0; i < Pixels.Length; i++)
        {
            rgb.AsSpan(3 * i, 3).Fill(Pixels.Span[i]);
        }

        return new Raster(Height, Width, 3, rgb);
    }
}
