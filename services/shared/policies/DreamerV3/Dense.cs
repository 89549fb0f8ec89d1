using Dreamer.Policies.Numerics;

namespace Dreamer.Policies.DreamerV3;

/// <summary>A linear layer; with a norm also RMSNorm and SiLU, which makes it one hidden layer of the paper.</summary>
internal sealed unsafe class Dense(string name, int outputs, int inputs, bool hidden = true) : ILayer
{
    private readonly AlignedBuffer<float> _bias = new(outputs);
    private readonly AlignedBuffer<float>? _norm = hidden ? new(outputs) : null;

    public PackedMatrix Matrix { get; } = new(outputs, inputs);

    public int Outputs => outputs;

    public long Bytes => Matrix.Bytes;

    public void Load(PolicyWeights weights) => Load(weights, inputs);

    /// <param name="weights">Where the tensors are.</param>
    /// <param name="rowLength">Inputs per row of the stored weight, of which this layer takes the first columns.</param>
    public void Load(PolicyWeights weights, int rowLength)
    {
        Matrix.Pack(weights[$"{name}/weight"], rowLength, inputStride: 1);
        LoadVectors(weights);
    }

    public void LoadVectors(PolicyWeights weights)
    {
        BFloat16Bits.Unpack(weights[$"{name}/bias"], _bias);
        if (_norm is not null)
        {
            BFloat16Bits.Unpack(weights[$"{name}/norm"], _norm);
        }
    }

    /// <summary>y = layer(x), x [rows, inputs], y [rows, outputs].</summary>
    public void Forward(float* x, nint xStride, int rows, float* y, nint yStride)
    {
        Linear(x, xStride, rows, y, yStride);
        Activate(rows, y, yStride);
    }

    /// <summary>y = bias + x * W^T: a layer to whose sum more is added before <see cref="Activate"/>.</summary>
    public void Linear(float* x, nint xStride, int rows, float* y, nint yStride) =>
        Matrix.Multiply(x, xStride, rows, new Target(y, yStride, _bias.Pointer, 0));

    /// <summary>The norm and activation, in place.</summary>
    public void Activate(int rows, float* y, nint yStride)
    {
        if (_norm is not null)
        {
            Elementwise.NormSilu(y, yStride, rows, outputs, _norm.Pointer);
        }
    }
}
