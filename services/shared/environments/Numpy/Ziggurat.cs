using System.Globalization;
using System.Runtime.InteropServices;

namespace Dreamer.Environments.Numpy;

/// <summary>Draws from a falling density by layers of equal area (Marsaglia and Tsang), as <see cref="Generator"/> of NumPy does.</summary>
internal sealed class Ziggurat
{
    private const int Layers = 256;
    private const double NormalTail = 3.6541528853610087963519472518;
    private const double NormalTailInverse = 0.27366123732975827203338247596;
    private const double ExponentialTail = 7.6971174701310497140446280481;

    private static readonly ulong[][] Table = ReadTable();
    private static readonly Ziggurat NormalLayers = new(column: 0);
    private static readonly Ziggurat ExponentialLayers = new(column: 3);

    // NumPy takes the C library's function, and Math has none that is exact near 0.
    private static readonly Unary Log1P = NativeLibrary.TryLoad("libm.so.6", out var library)
        ? Marshal.GetDelegateForFunctionPointer<Unary>(NativeLibrary.GetExport(library, "log1p"))
        : value => Math.Log(1 + value);

    private readonly double[] width;
    private readonly double[] density;
    private readonly ulong[] inside;

    private Ziggurat(int column)
    {
        width = [.. Table.Select(row => BitConverter.UInt64BitsToDouble(row[column]))];
        density = [.. Table.Select(row => BitConverter.UInt64BitsToDouble(row[column + 1]))];
        inside = [.. Table.Select(row => row[column + 2])];
    }

    private delegate double Unary(double value);

    /// <summary>Mean 0, standard deviation 1. One word gives layer, sign and place within the layer.</summary>
    public static double Normal(Generator random)
    {
        var layers = NormalLayers;
        while (true)
        {
            var word = random.Next64();
            var layer = (int)(word % Layers);
            var negative = (word >> 8 & 1) != 0;
            var step = word >> 9 & 0x000fffffffffffff;
            var value = step * layers.width[layer];
            if (step < layers.inside[layer])
            {
                return negative ? -value : value;
            }

            if (layer == 0)
            {
                var tail = BeyondTheLastLayer(random);
                return (step >> 8 & 1) != 0 ? -tail : tail;
            }

            if (layers.Under(layer, random.Random(), Math.Exp(-0.5 * value * value)))
            {
                return negative ? -value : value;
            }
        }
    }

    /// <summary>Mean 1.</summary>
    public static double Exponential(Generator random)
    {
        var layers = ExponentialLayers;
        while (true)
        {
            var word = random.Next64() >> 3;
            var layer = (int)(word % Layers);
            var step = word >> 8;
            var value = step * layers.width[layer];
            if (step < layers.inside[layer])
            {
                return value;
            }

            if (layer == 0)
            {
                return ExponentialTail - Log1P(-random.Random());
            }

            if (layers.Under(layer, random.Random(), Math.Exp(-value)))
            {
                return value;
            }
        }
    }

    private static double BeyondTheLastLayer(Generator random)
    {
        double beyond, height;
        do
        {
            beyond = -NormalTailInverse * Log1P(-random.Random());
            height = -Log1P(-random.Random());
        }
        while (height + height <= beyond * beyond);
        return NormalTail + beyond;
    }

    /// <summary>Whether a height between the layer's two edges lies under the density.</summary>
    private bool Under(int layer, double share, double exact) =>
        ((density[layer - 1] - density[layer]) * share) + density[layer] < exact;

    private static ulong[][] ReadTable()
    {
        using var stream = typeof(Ziggurat).Assembly.GetManifestResourceStream("numpy-ziggurat.txt")!;
        return [.. new StreamReader(stream).ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line[0] != '#')
            .Select(line => line.Split(' ').Select(word => ulong.Parse(word, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToArray())];
    }
}
