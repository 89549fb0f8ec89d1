namespace Dreamer.Experience;

/// <summary>SplitMix64 by counter: a seed and the number of draws are its whole state.</summary>
public sealed class SampleRandom(ulong seed, long draws = 0)
{
    /// <summary>Draws made so far.</summary>
    public long Draws { get; private set; } = draws;

    /// <summary>Uniform in [0, bound).</summary>
    public long Next(long bound)
    {
        var value = seed + ((ulong)++Draws * 0x9E3779B97F4A7C15UL);
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        value ^= value >> 31;
        return (long)Math.BigMul(value, (ulong)bound, out _);
    }
}
