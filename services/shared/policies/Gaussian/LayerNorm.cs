using Dreamer.Policies.Numerics;

namespace Dreamer.Policies.Gaussian;

/// <summary>Zero mean and unit variance within a row, then scale and offset (spec 4.1).</summary>
internal sealed unsafe class LayerNorm(string name, int width)
{
    /// <summary>Added to the variance.</summary>
    private const float Epsilon = 1e-3f;

    private readonly AlignedBuffer<float> _scale = new(width);
    private readonly AlignedBuffer<float> _offset = new(width);

    public void Load(PolicyWeights weights)
    {
        BFloat16Bits.Unpack(weights[$"{name}/scale"], _scale);
        BFloat16Bits.Unpack(weights[$"{name}/offset"], _offset);
    }

    /// <summary>In place.</summary>
    public void Apply(float* x, nint stride, int rows)
    {
        for (var row = 0; row < rows; row++)
        {
            Gates.LayerNorm(x + row * stride, width, _scale.Pointer, _offset.Pointer, Epsilon);
        }

        GC.KeepAlive(this);
    }
}
