using System.Runtime.InteropServices;
using Dreamer.Policies.Numerics;
using Dreamer.Spaces;

namespace Dreamer.Policies.Gaussian;

/// <summary>Vector observations, as they are, -> hidden layers (spec 3.4, 4.1).</summary>
internal sealed unsafe class VectorEncoder
{
    private readonly ObservationLayout _layout;
    private readonly LinearLayer[] _layers;
    private readonly RowBuffer _input;
    private readonly RowBuffer[] _hidden;

    public VectorEncoder(ObservationLayout layout, int units, int layers, Activation activation, int slots, bool normalise = false)
    {
        _layout = layout;
        _layers = [.. Enumerable.Range(0, layers).Select(layer =>
            new LinearLayer($"enc/mlp{layer}", units, layer == 0 ? layout.VectorSize : units, activation, normalise))];
        _input = new(slots, layout.VectorSize);
        _hidden = [new(slots, units), new(slots, units)];
    }

    /// <summary>Bytes of weights that one batch reads.</summary>
    public long Bytes => _layers.Sum(layer => layer.Matrix.Bytes);

    public void Load(PolicyWeights weights)
    {
        foreach (var layer in _layers)
        {
            layer.Load(weights);
        }
    }

    /// <summary>Writes [steps, U].</summary>
    public void Encode(ReadOnlySpan<TimeStep> steps, float* tokens, nint stride)
    {
        for (var i = 0; i < steps.Length; i++)
        {
            Write(steps[i], _input.Row(i));
        }

        var x = _input.Pointer;
        nint xStride = _input.Stride;
        for (var layer = 0; layer < _layers.Length; layer++)
        {
            var last = layer == _layers.Length - 1;
            var y = last ? tokens : _hidden[layer % 2].Pointer;
            var yStride = last ? stride : _hidden[0].Stride;
            _layers[layer].Forward(x, xStride, steps.Length, y, yStride);
            x = y;
            xStride = yStride;
        }
    }

    private void Write(TimeStep step, Span<float> into)
    {
        foreach (var index in _layout.Vectors)
        {
            var tensor = _layout.Environment.Observations[index];
            ReadOnlySpan<byte> bytes = step.Observations[index];
            if (tensor.DType == DType.Float32)
            {
                var values = MemoryMarshal.Cast<byte, float>(bytes);
                values.CopyTo(into);
                into = into[values.Length..];
                continue;
            }

            foreach (var value in MemoryMarshal.Cast<byte, int>(bytes))
            {
                into[..tensor.Classes].Clear();
                into[Math.Clamp(value, 0, tensor.Classes - 1)] = 1;
                into = into[tensor.Classes..];
            }
        }
    }
}
