using System.Numerics;

namespace Dreamer.Environments.Numpy;

/// <summary>
/// NumPy's current generator, digit for digit: <c>numpy.random.Generator(PCG64(SeedSequence(seed)))</c>, which is
/// <c>numpy.random.default_rng(seed)</c> and what Gymnasium seeds its environments with.
/// </summary>
public sealed class Generator
{
    private static readonly UInt128 Multiplier = new(0x2360ED051FC65DA4, 0x4385DF649FCCF645);

    private readonly UInt128 increment;
    private UInt128 state;
    private uint? spareHalf;

    public Generator(ulong seed)
    {
        var words = new SeedSequence(seed).GenerateState(4);
        increment = (new UInt128(words[2], words[3]) << 1) | 1;
        state = unchecked(increment + new UInt128(words[0], words[1]));
        Advance();
    }

    /// <summary><c>random()</c>: uniform in [0, 1) with 53 random bits.</summary>
    public double Random() => (Next64() >> 11) * (1.0 / 9007199254740992.0);

    /// <summary><c>uniform(low, high)</c>: uniform in [low, high).</summary>
    public double Uniform(double low, double high) => low + ((high - low) * Random());

    /// <summary><c>integers(low, high)</c>: uniform integer in [low, high).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The interval is empty.</exception>
    public long Integers(long low, long high)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(low, high);
        var range = unchecked((ulong)(high - 1 - low));
        var offset = range switch
        {
            0 => 0UL,
            < uint.MaxValue => Bounded32((uint)range),
            uint.MaxValue => Next32(),
            < ulong.MaxValue => Bounded64(range),
            _ => Next64(),
        };
        return unchecked(low + (long)offset);
    }

    /// <summary><c>standard_normal()</c>.</summary>
    public double StandardNormal() => Ziggurat.Normal(this);

    /// <summary><c>normal(mean, deviation)</c>.</summary>
    public double Normal(double mean, double deviation) => mean + (deviation * StandardNormal());

    /// <summary><c>exponential(scale)</c>: the mean is scale.</summary>
    public double Exponential(double scale = 1) => scale * Ziggurat.Exponential(this);

    /// <summary><c>choice(len(p), p=p)</c>: an index with these probabilities.</summary>
    /// <exception cref="ArgumentException">They are negative or their sum is not 1.</exception>
    public int Choice(ReadOnlySpan<double> probabilities) => Odds.Choose(probabilities, Random());

    /// <summary><c>choice(count, size, replace=False)</c>: different integers in [0, count).</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than size.</exception>
    public int[] Choice(int count, int size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, count);

        // NumPy shuffles the end of the range where many are asked for, else it draws (Floyd) and shuffles what it drew.
        if (count > 10000 && size > count / 50)
        {
            int[] all = [.. Enumerable.Range(0, count)];
            ShuffleEnd(all, Math.Max(count - size, 1));
            return all[^size..];
        }

        var chosen = new List<int>(size);
        var seen = new HashSet<int>(size);
        for (var last = count - size; last < count; last++)
        {
            var drawn = (int)Integers(0, last + 1L);
            drawn = seen.Add(drawn) ? drawn : last;
            seen.Add(drawn);
            chosen.Add(drawn);
        }

        int[] result = [.. chosen];
        ShuffleEnd(result, 1);
        return result;
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
            // Masked rejection, unlike in Integers.
            var mask = uint.MaxValue >> BitOperations.LeadingZeroCount((uint)last);
            uint other;
            do
            {
                other = Next32() & mask;
            }
            while (other > last);
            (items[last], items[(int)other]) = (items[(int)other], items[last]);
        }
    }

    internal ulong Next64()
    {
        Advance();
        var folded = (ulong)(state >> 64) ^ (ulong)state;
        return ulong.RotateRight(folded, (int)(state >> 122));
    }

    private void ShuffleEnd(int[] items, int first)
    {
        for (var last = items.Length - 1; last >= first; last--)
        {
            var other = Integers(0, last + 1L);
            (items[last], items[other]) = (items[other], items[last]);
        }
    }

    /// <summary>Lemire's multiply-and-shift: the high word is the answer, the low word says whether to draw again.</summary>
    private uint Bounded32(uint range)
    {
        var choices = range + 1;
        var product = (ulong)Next32() * choices;
        if ((uint)product < choices)
        {
            var threshold = (uint.MaxValue - range) % choices;
            while ((uint)product < threshold)
            {
                product = (ulong)Next32() * choices;
            }
        }

        return (uint)(product >> 32);
    }

    private ulong Bounded64(ulong range)
    {
        var choices = range + 1;
        var high = Math.BigMul(Next64(), choices, out var low);
        if (low < choices)
        {
            var threshold = (ulong.MaxValue - range) % choices;
            while (low < threshold)
            {
                high = Math.BigMul(Next64(), choices, out low);
            }
        }

        return high;
    }

    private uint Next32()
    {
        if (spareHalf is { } spare)
        {
            spareHalf = null;
            return spare;
        }

        var word = Next64();
        spareHalf = (uint)(word >> 32);
        return (uint)word;
    }

    private void Advance() => state = unchecked((state * Multiplier) + increment);
}
