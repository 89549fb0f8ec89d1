using Dreamer.Policies.Numerics;

namespace Dreamer.Policies.Gaussian;

/// <summary>y = x W^T + b over rows, then a layer norm and an activation where they are asked for.</summary>
internal sealed unsafe class LinearLayer(string name, int outputs, int inputs, Activation activation = Activation.None, bool normalise = false) : ILayer
{
    private readonly AlignedBuffer<float> _bias = new(outputs);
    private readonly LayerNorm? _norm = normalise ? new($"{name}/norm", outputs) : null;

    public PackedMatrix Matrix { get; } = new(outputs, inputs);

    public int Outputs => outputs;

    public long Bytes => Matrix.Bytes;

    public void Load(PolicyWeights weights)
    {
        Matrix.Pack(weights[$"{name}/weight"], inputs, inputStride: 1);
        BFloat16Bits.Unpack(weights[$"{name}/bias"], _bias);
        _norm?.Load(weights);
    }

    /// <summary>x [rows, inputs] -> y [rows, outputs].</summary>
    public void Forward(float* x, nint xStride, int rows, float* y, nint yStride)
    {
        Matrix.Multiply(x, xStride, rows, new Target(y, yStride, _bias.Pointer, 0));
        _norm?.Apply(y, yStride, rows);
        activation.Apply(y, yStride, rows, outputs);
        GC.KeepAlive(this);
    }

    public void Forward(RowBuffer x, int rows, RowBuffer y) => Forward(x.Pointer, x.Stride, rows, y.Pointer, y.Stride);
}
