using System.Numerics;

namespace Dreamer.Redis;

/// <summary>
/// Redis' allocator has four sizes per doubling, and a value just above one takes the next: up to a fifth of it is waste.
/// A chunk is stored as a value that fills a size, and its rest as a second one.
/// </summary>
internal static class ValueSplit
{
    /// <summary>Ends the key of the second value.</summary>
    public const string RestSuffix = ":r";

    // What the server allocates beside the bytes of a value, rounded up.
    private const int Overhead = 32;

    // A second key is not worth less.
    private const int WorthAKey = 2048;

    /// <summary>Bytes of the first value; all of them where one value fits well.</summary>
    public static int First(int length)
    {
        var needed = length + Overhead;
        var step = Math.Max(1, (int)BitOperations.RoundUpToPowerOf2((uint)needed + 1) / 8);
        var fits = needed / step * step;
        return fits == needed || fits + step - needed < WorthAKey ? length : fits - Overhead;
    }
}
