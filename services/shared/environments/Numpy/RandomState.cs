using System.Numerics;

namespace Dreamer.Environments.Numpy;

/// <summary>NumPy's legacy generator (MT19937), digit for digit: <c>numpy.random.RandomState(seed)</c>.</summary>
public sealed class RandomState
{
    private const int Words = 624;
    private const int Middle = 397;

    private readonly uint[] key = new uint[Words];
    private int position = Words;
    private double? spareNormal;

    /// <param name="seed">As in NumPy, an integer below 2^32.</param>
    public RandomState(uint seed)
    {
        for (var index = 0; index < Words; index++)
        {
            key[index] = seed;
            seed = (1812433253u * (seed ^ (seed >> 30))) + (uint)index + 1;
        }
    }

    /// <summary>The generator of a seed of 64 bits, which is NumPy's own below 2^32 and folded above.</summary>
    public static RandomState FromSeed(ulong seed) => new((uint)(seed ^ (seed >> 32)));

    /// <summary><c>rand()</c>: uniform in [0, 1) with 53 random bits.</summary>
    public double Rand()
    {
        var high = Next32() >> 5;
        var low = Next32() >> 6;
        return ((high * 67108864.0) + low) / 9007199254740992.0;
    }

    /// <summary><c>uniform(low, high)</c>: uniform in [low, high).</summary>
    public double Uniform(double low, double high) => low + ((high - low) * Rand());

    /// <summary><c>randint(low, high)</c>: uniform integer in [low, high).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The interval is empty.</exception>
    public long RandInt(long low, long high)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(low, high);
        var range = unchecked((ulong)(high - 1 - low));
        if (range == 0)
        {
            return low;
        }

        // Masked rejection: draw as many bits as the range has until the value fits.
        var mask = ulong.MaxValue >> BitOperations.LeadingZeroCount(range);
        ulong value;
        do
        {
            value = (range <= uint.MaxValue ? Next32() : Next64()) & mask;
        }
        while (value > range);
        return unchecked(low + (long)value);
    }

    /// <summary><c>binomial(1, 0.5)</c>: true for 1.</summary>
    public bool Coin() => Rand() > 0.5;

    /// <summary><c>randn()</c>: standard normal by the polar method, two at a time.</summary>
    public double RandN()
    {
        if (spareNormal is { } spare)
        {
            spareNormal = null;
            return spare;
        }

        double first, second, square;
        do
        {
            first = (2.0 * Rand()) - 1.0;
            second = (2.0 * Rand()) - 1.0;
            square = (first * first) + (second * second);
        }
        while (square is >= 1.0 or 0.0);
        var factor = Math.Sqrt(-2.0 * Math.Log(square) / square);
        spareNormal = factor * first;
        return factor * second;
    }

    /// <summary><c>normal(mean, deviation)</c>.</summary>
    public double Normal(double mean, double deviation) => mean + (deviation * RandN());

    /// <summary><c>exponential(scale)</c>: the mean is scale.</summary>
    public double Exponential(double scale = 1) => scale * -Math.Log(1.0 - Rand());

    /// <summary><c>choice(len(p), p=p)</c>: an index with these probabilities.</summary>
    /// <exception cref="ArgumentException">They are negative or their sum is not 1.</exception>
    public int Choice(ReadOnlySpan<double> probabilities) => Odds.Choose(probabilities, Rand());

    /// <summary><c>choice(count, size, replace=False)</c>: different integers in [0, count).</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than size.</exception>
    public int[] Choice(int count, int size)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, count);
        return Permutation(count)[..size];
    }

    /// <summary><c>permutation(count)</c>: the integers in [0, count) in random order.</summary>
    public int[] Permutation(int count)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        Shuffle<int>(order);
        return order;
    }

    /// <summary><c>shuffle(items)</c>, in place.</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var last = items.Length - 1; last > 0; last--)
        {
            var other = (int)RandInt(0, last + 1L);
            (items[last], items[other]) = (items[other], items[last]);
        }
    }

    private ulong Next64()
    {
        var high = (ulong)Next32() << 32;
        return high | Next32();
    }

    private uint Next32()
    {
        if (position == Words)
        {
            Twist();
        }

        var word = key[position++];
        word ^= word >> 11;
        word ^= (word << 7) & 0x9d2c5680u;
        word ^= (word << 15) & 0xefc60000u;
        return word ^ (word >> 18);
    }

    private void Twist()
    {
        for (var index = 0; index < Words; index++)
        {
            var mixed = (key[index] & 0x80000000u) | (key[(index + 1) % Words] & 0x7fffffffu);
            key[index] = key[(index + Middle) % Words] ^ (mixed >> 1) ^ ((mixed & 1) * 0x9908b0dfu);
        }

        position = 0;
    }
}
