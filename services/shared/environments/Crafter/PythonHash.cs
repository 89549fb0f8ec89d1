using System.Numerics;

namespace Dreamer.Environments.Crafter;

/// <summary>Python's hash of a pair of integers, from which the original seeds each episode.</summary>
internal static class PythonHash
{
    /// <summary>Integers hash to themselves below this one.</summary>
    public const ulong Modulus = (1UL << 61) - 1;

    private const ulong First = 11400714785074694791;
    private const ulong Second = 14029467366897019727;
    private const ulong Fifth = 2870177450012600261;

    /// <summary><c>hash((first, second)) % modulus</c>.</summary>
    public static long OfPair(long first, long second, long modulus)
    {
        var mixed = unchecked(Mix(Mix(Fifth, (ulong)first), (ulong)second) + (2 ^ Fifth ^ 3527539));
        var hash = mixed == ulong.MaxValue ? 1546275796 : (long)mixed;
        return ((hash % modulus) + modulus) % modulus;
    }

    private static ulong Mix(ulong sum, ulong lane) => unchecked(BitOperations.RotateLeft(sum + (lane * Second), 31) * First);
}
