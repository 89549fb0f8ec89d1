using Dreamer.Environments.Numpy;

namespace Dreamer.Environments.Crafter;

/// <summary>Tints a picture by the hour, with noise toward the edges in the dark, and in grey for a sleeper.</summary>
internal sealed class NightLight
{
    private const double EdgeWidth = 0.5;
    private const float NightColour = 0.4f;

    // Half of the tints (0, 16, 64) and (0, 0, 16).
    private const double NightGreen = 8;
    private const double NightBlue = 32;
    private const int SleepBlue = 8;

    private readonly int width;
    private readonly int height;
    private readonly double[] vignette;
    private readonly double[] noise;

    public NightLight(int width, int height)
    {
        (this.width, this.height) = (width, height);
        vignette = new double[width * height];
        noise = new double[width * height];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var (dx, dy) = (Across(x, width), Across(y, height));
                vignette[(y * width) + x] = 1 - Math.Exp(-0.5 * ((dx * dx) + (dy * dy)) / (EdgeWidth * EdgeWidth));
            }
        }
    }

    /// <summary>Changes a picture in place.</summary>
    /// <param name="pixels">[height, width, 3].</param>
    /// <param name="daylight">0 to 1; noise is drawn below one half.</param>
    /// <param name="asleep">Whether the player sleeps.</param>
    /// <param name="random">One draw per pixel, column by column.</param>
    public void Apply(Span<byte> pixels, double daylight, bool asleep, RandomState random)
    {
        var darkness = 2 * (0.5 - daylight);
        if (darkness > 0)
        {
            DrawNoise(random);
        }

        for (var pixel = 0; pixel < noise.Length; pixel++)
        {
            var colour = pixels.Slice(pixel * 3, 3);
            var (red, green, blue) = (colour[0], colour[1], colour[2]);
            if (darkness > 0)
            {
                var mask = darkness * vignette[pixel];
                var (clear, veil) = (1 - mask, mask * noise[pixel]);
                (red, green, blue) = ((byte)((clear * red) + veil), (byte)((clear * green) + veil), (byte)((clear * blue) + veil));
            }

            var grey = Grey(red, green, blue);
            colour[0] = Dim(colour[0], Fade(red, grey, 0), daylight);
            colour[1] = Dim(colour[1], Fade(green, grey, NightGreen), daylight);
            colour[2] = Dim(colour[2], Fade(blue, grey, NightBlue), daylight);
            if (asleep)
            {
                var shade = (byte)(Grey(colour[0], colour[1], colour[2]) / 2);
                (colour[0], colour[1], colour[2]) = (shade, shade, (byte)(shade + SleepBlue));
            }
        }
    }

    private static double Fade(byte channel, int grey, double tint) => (0.5 * (byte)(grey + (NightColour * (channel - grey)))) + tint;

    private static byte Dim(byte channel, double night, double daylight) => (byte)((daylight * channel) + ((1 - daylight) * night));

    private static double Across(int index, int count) => count == 1 ? -1 : index == count - 1 ? 1 : (index * (2.0 / (count - 1))) - 1;

    private static int Grey(byte red, byte green, byte blue) => ((red * 19595) + (green * 38470) + (blue * 7471) + 0x8000) >> 16;

    private void DrawNoise(RandomState random)
    {
        for (var x = 0; x < width; x++)
        {
            for (var y = 0; y < height; y++)
            {
                noise[(y * width) + x] = random.Uniform(32, 127);
            }
        }
    }
}
