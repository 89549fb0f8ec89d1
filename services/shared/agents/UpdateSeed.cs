namespace Dreamer.Agents;

/// <summary>
/// Seed of the random numbers of one update, by SplitMix64 of the run's seed and the update: nothing about the random numbers has to be
/// saved, and resuming cannot repeat them.
/// </summary>
internal static class UpdateSeed
{
    public static long Of(ulong seed, long update)
    {
        var z = seed + 0x9E3779B97F4A7C15 * (ulong)(update + 1);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return (long)((z ^ (z >> 31)) >> 1);
    }
}
