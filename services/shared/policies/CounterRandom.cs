namespace Dreamer.Policies;

/// <summary>
/// Philox4x32-10 (Salmon et al. 2011): random numbers as a pure function of (seed, stream, step, index), so slots never share state
/// and a run repeats whatever the batching.
/// </summary>
internal static class CounterRandom
{
    private const int Rounds = 10;

    /// <summary>Fills <paramref name="uniforms"/> with values in [0, 1).</summary>
    public static void Fill(ulong seed, uint stream, ulong step, Span<float> uniforms)
    {
        for (var start = 0; start < uniforms.Length; start += 4)
        {
            var block = Block(seed, (uint)(start / 4), (uint)step, (uint)(step >> 32), stream);
            for (var i = start; i < Math.Min(start + 4, uniforms.Length); i++)
            {
                uniforms[i] = ((uint)block >> 8) * (1f / (1 << 24));
                block >>= 32;
            }
        }
    }

    /// <summary>Fills <paramref name="normals"/> with standard normal numbers (Box and Muller, two from two).</summary>
    public static void FillNormal(ulong seed, uint stream, ulong step, Span<float> normals)
    {
        Span<float> pair = stackalloc float[4];
        for (var start = 0; start < normals.Length; start += 4)
        {
            var block = Block(seed, (uint)(start / 4), (uint)step, (uint)(step >> 32), stream);
            for (var i = 0; i < 4; i += 2, block >>= 64)
            {
                // 1 - u lies in (0, 1].
                var radius = MathF.Sqrt(-2 * MathF.Log(1 - ((uint)block >> 8) * (1f / (1 << 24))));
                var (sine, cosine) = MathF.SinCos(((uint)(block >> 32) >> 8) * (MathF.Tau / (1 << 24)));
                (pair[i], pair[i + 1]) = (radius * cosine, radius * sine);
            }

            pair[..Math.Min(4, normals.Length - start)].CopyTo(normals[start..]);
        }
    }

    /// <summary>The four 32-bit words of one block, the first in the lowest bits.</summary>
    public static UInt128 Block(ulong seed, uint c0, uint c1, uint c2, uint c3)
    {
        uint key0 = (uint)seed, key1 = (uint)(seed >> 32);
        for (var round = 0; round < Rounds; round++, key0 += 0x9E3779B9, key1 += 0xBB67AE85)
        {
            ulong product0 = (ulong)c0 * 0xD2511F53, product1 = (ulong)c2 * 0xCD9E8D57;
            (c0, c1, c2, c3) = ((uint)(product1 >> 32) ^ c1 ^ key0, (uint)product1, (uint)(product0 >> 32) ^ c3 ^ key1, (uint)product0);
        }

        return new UInt128((ulong)c3 << 32 | c2, (ulong)c1 << 32 | c0);
    }
}
