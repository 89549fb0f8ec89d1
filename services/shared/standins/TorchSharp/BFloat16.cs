namespace TorchSharp;

/// <summary>The upper half of a float.</summary>
public readonly struct BFloat16 : IComparable, IComparable<BFloat16>, IEquatable<BFloat16>, IFormattable
{
    private readonly ushort _raw;

    /// <summary>Rounds to nearest, ties to even.</summary>
    public BFloat16(float f)
    {
        uint bits = BitConverter.SingleToUInt32Bits(f);
        _raw = float.IsNaN(f) ? (ushort)0x7fc0 : (ushort)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
    }

    private BFloat16(ushort raw) => _raw = raw;

    public static BFloat16 FromRawValue(ushort rawValue) => new(rawValue);

    public float ToSingle() => BitConverter.UInt32BitsToSingle((uint)_raw << 16);

    public static explicit operator float(BFloat16 bf) => bf.ToSingle();

    public static explicit operator BFloat16(float f) => new(f);

    public bool Equals(BFloat16 other) => ToSingle().Equals(other.ToSingle());

    public int CompareTo(BFloat16 other) => ToSingle().CompareTo(other.ToSingle());

    public int CompareTo(object? obj) => obj is BFloat16 other ? CompareTo(other) : 1;

    public override bool Equals(object? obj) => obj is BFloat16 other && Equals(other);

    public override int GetHashCode() => _raw;

    public override string ToString() => ToSingle().ToString();

    public string ToString(string? format, IFormatProvider? formatProvider) => ToSingle().ToString(format, formatProvider);
}
