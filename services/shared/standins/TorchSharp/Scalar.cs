namespace TorchSharp;

/// <summary>A number that stands where a tensor could.</summary>
public sealed class Scalar : IDisposable
{
    private Scalar(torch.ScalarType type, Tag tag, long bits)
    {
        Type = type;
        Tag = tag;
        Bits = bits;
    }

    internal Tag Tag { get; }

    internal long Bits { get; }

    public torch.ScalarType Type { get; }

    internal double AsDouble => Tag == Tag.Double ? BitConverter.Int64BitsToDouble(Bits) : Bits;

    internal long AsLong => Tag == Tag.Double ? (long)AsDouble : Bits;

    internal static Scalar Of(NativeArg value) => value.Tag switch
    {
        Tag.Bool => value.Bits != 0,
        Tag.Int => value.Bits,
        _ => BitConverter.Int64BitsToDouble(value.Bits),
    };

    public static implicit operator Scalar(bool value) => new(torch.ScalarType.Bool, Tag.Bool, value ? 1 : 0);
    public static implicit operator Scalar(byte value) => new(torch.ScalarType.Byte, Tag.Int, value);
    public static implicit operator Scalar(short value) => new(torch.ScalarType.Int16, Tag.Int, value);
    public static implicit operator Scalar(int value) => new(torch.ScalarType.Int32, Tag.Int, value);
    public static implicit operator Scalar(long value) => new(torch.ScalarType.Int64, Tag.Int, value);
    public static implicit operator Scalar(float value) => new(torch.ScalarType.Float32, Tag.Double, BitConverter.DoubleToInt64Bits(value));
    public static implicit operator Scalar(double value) => new(torch.ScalarType.Float64, Tag.Double, BitConverter.DoubleToInt64Bits(value));

    public void Dispose()
    {
    }
}
