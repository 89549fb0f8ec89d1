using Dreamer.Environments.Numpy;

namespace Dreamer.Environments.Crafter;

/// <summary>Tints a picture by the hour, with noise toward the edges in the dark, and in grey for a sleeper.</summary>
internal sealed class NightLight
{
    private const double EdgeWidth = 0.5;
    private const float NightColour = 0.4f;
    private static readonly double[] NightTint = [0, 16, 64];
    private static readonly double[] SleepTint = [0, 0, 16];

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
        var amount = 2 * (0.5 - daylight);
        if (amount > 0)
        {
            DrawNoise(random);
        }

        Span<byte> night = stackalloc byte[3];
        for (var pixel = 0; pixel < noise.Length; pixel++)
        {
            var colour = pixels.Slice(pixel * 3, 3);
            colour.CopyTo(night);
            if (amount > 0)
            {
                var mask = amount * vignette[pixel];
                foreach (ref var channel in night)
                {
                    channel = (byte)(((1 - mask) * channel) + (mask * noise[pixel]));
                }
            }

            var grey = Grey(night);
            for (var channel = 0; channel < 3; channel++)
            {
                var faded = (byte)(grey + (NightColour * (night[channel] - grey)));
                var tinted = (0.5 * faded) + (0.5 * NightTint[channel]);
                colour[channel] = (byte)((daylight * colour[channel]) + ((1 - daylight) * tinted));
            }

            if (asleep)
            {
                var shade = Grey(colour);
                for (var channel = 0; channel < 3; channel++)
                {
                    colour[channel] = (byte)((0.5 * shade) + (0.5 * SleepTint[channel]));
                }
            }
        }
    }

    private static double Across(int index, int count) => count == 1 ? -1 : index == count - 1 ? 1 : (index * (2.0 / (count - 1))) - 1;

    private static int Grey(ReadOnlySpan<byte> colour) => ((colour[0] * 19595) + (colour[1] * 38470) + (colour[2] * 7471) + 0x8000) >> 16;

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
