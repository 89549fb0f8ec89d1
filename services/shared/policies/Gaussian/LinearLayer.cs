using Dreamer.Policies.Numerics;

namespace Dreamer.Policies.Gaussian;

/// <summary>y = x W^T + b over rows, with an activation in place if one is given.</summary>
internal sealed unsafe class LinearLayer(string name, int outputs, int inputs, Activation activation = Activation.None)
{
    private readonly AlignedBuffer<float> _bias = new(outputs);

    public PackedMatrix Matrix { get; } = new(outputs, inputs);

    public int Outputs => outputs;

    public void Load(PolicyWeights weights)
    {
        Matrix.Pack(weights[$"{name}/weight"], inputs, inputStride: 1);
        Unpack(weights[$"{name}/bias"], _bias);
    }

    /// <summary>x [rows, inputs] -> y [rows, outputs].</summary>
    public void Forward(float* x, nint xStride, int rows, float* y, nint yStride)
    {
        Matrix.Multiply(x, xStride, rows, new Target(y, yStride, _bias.Pointer, 0));
        activation.Apply(y, yStride, rows, outputs);
        GC.KeepAlive(this);
    }

    public void Forward(RowBuffer x, int rows, RowBuffer y) => Forward(x.Pointer, x.Stride, rows, y.Pointer, y.Stride);

    public static void Unpack(ReadOnlySpan<ushort> source, AlignedBuffer<float> into)
    {
        for (var i = 0; i < source.Length; i++)
        {
            into.Span[i] = BFloat16Bits.ToSingle(source[i]);
        }
    }
}
