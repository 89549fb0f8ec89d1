namespace Dreamer.Environments.Numpy;

/// <summary>NumPy's entropy mixer, digit for digit: <c>numpy.random.SeedSequence(entropy)</c>.</summary>
public sealed class SeedSequence
{
    private const int PoolSize = 4;
    private readonly uint[] pool = new uint[PoolSize];

    /// <param name="entropy">Any seed; small seeds are as good as large ones.</param>
    public SeedSequence(ulong entropy)
    {
        ReadOnlySpan<uint> words = [(uint)entropy, (uint)(entropy >> 32), 0, 0];
        var constant = 0x43b0d7e5u;
        for (var index = 0; index < PoolSize; index++)
        {
            pool[index] = HashMix(words[index], ref constant);
        }

        for (var source = 0; source < PoolSize; source++)
        {
            for (var target = 0; target < PoolSize; target++)
            {
                if (source != target)
                {
                    pool[target] = Mix(pool[target], HashMix(pool[source], ref constant));
                }
            }
        }
    }

    /// <summary><c>generate_state(count, uint64)</c>.</summary>
    public ulong[] GenerateState(int count)
    {
        var constant = 0x8b51f9ddu;
        var state = new ulong[count];
        for (var index = 0; index < 2 * count; index++)
        {
            var word = pool[index % PoolSize] ^ constant;
            constant *= 0x58f38dedu;
            word *= constant;
            word ^= word >> 16;
            state[index / 2] |= (ulong)word << (index % 2 * 32);
        }

        return state;
    }

    private static uint HashMix(uint value, ref uint constant)
    {
        value ^= constant;
        constant *= 0x931e8875u;
        value *= constant;
        return value ^ (value >> 16);
    }

    private static uint Mix(uint left, uint right)
    {
        var mixed = (0xca01f9ddu * left) - (0x4973f715u * right);
        return mixed ^ (mixed >> 16);
    }
}
