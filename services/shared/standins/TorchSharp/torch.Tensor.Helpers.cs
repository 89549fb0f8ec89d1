namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        private static long[] One(long dim) => [dim];

        private static string? Rounding(RoundingMode mode) => mode == RoundingMode.None ? null : mode.ToString();

        /// <summary>The tensor in the type that was asked for, if one was.</summary>
        private static Tensor As(ScalarType? type, Tensor tensor) => type is { } t ? tensor.to_type(t) : tensor;

        private Tensor Then(bool dispose, Tensor result)
        {
            if (dispose)
                Dispose();
            return result;
        }
    }

    private static Tensor Make(Op factory, long[] size, ScalarType? dtype, Device? device, bool requires_grad) =>
        factory.Call(size, dtype ?? get_default_dtype(), Arg.Default, InitializeDevice(device)).requires_grad_(requires_grad);

    private static Tensor Draw(Op factory, long[] size, ScalarType? dtype, Device? device, bool requires_grad, Generator? generator) =>
        factory.Call(size, generator, dtype ?? get_default_dtype(), Arg.Default, InitializeDevice(device)).requires_grad_(requires_grad);

    /// <summary>Whole numbers make int64 and all else the default type, unless a type is given.</summary>
    private static ScalarType Of(ScalarType? dtype, params ReadOnlySpan<Scalar> values)
    {
        bool integral = true;
        foreach (Scalar value in values)
            integral &= is_integral(value.Type) && value.Type != ScalarType.Bool;
        return dtype ?? (integral ? ScalarType.Int64 : get_default_dtype());
    }
}
