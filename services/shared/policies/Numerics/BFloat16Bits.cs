namespace Dreamer.Policies.Numerics;

/// <summary>bfloat16: the upper half of a float32.</summary>
internal static class BFloat16Bits
{
    /// <summary>Rounds to nearest, ties to even; NaN stays NaN.</summary>
    public static ushort FromSingle(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value)
            ? (ushort)((bits >> 16) | 0x40)
            : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    public static float ToSingle(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    /// <summary>Writes the beginning of <paramref name="into"/>.</summary>
    public static void Unpack(ReadOnlySpan<ushort> source, AlignedBuffer<float> into)
    {
        for (var i = 0; i < source.Length; i++)
        {
            into.Span[i] = ToSingle(source[i]);
        }
    }
}
