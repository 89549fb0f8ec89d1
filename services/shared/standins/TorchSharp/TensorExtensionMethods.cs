namespace TorchSharp;

/// <summary>The value of a tensor of one element.</summary>
public static class TensorExtensionMethods
{
    public static float ToSingle(this torch.Tensor value) => value.ToScalar().ToSingle();
    public static double ToDouble(this torch.Tensor value) => value.ToScalar().ToDouble();
    public static int ToInt32(this torch.Tensor value) => value.ToScalar().ToInt32();
    public static long ToInt64(this torch.Tensor value) => value.ToScalar().ToInt64();
    public static bool ToBoolean(this torch.Tensor value) => value.ToScalar().ToBoolean();

    /// <summary>The bytes of one element.</summary>
    public static int ElementSize(this torch.ScalarType type) => type switch
    {
        torch.ScalarType.Byte or torch.ScalarType.Int8 or torch.ScalarType.Bool => 1,
        torch.ScalarType.Int16 or torch.ScalarType.Float16 or torch.ScalarType.BFloat16 => 2,
        torch.ScalarType.Int32 or torch.ScalarType.Float32 => 4,
        torch.ScalarType.Int64 or torch.ScalarType.Float64 => 8,
        _ => throw new NotSupportedException($"{type} has no element size here"),
    };
}
