using System.Runtime.InteropServices;
using Dreamer.Policies.Numerics;
using Dreamer.Spaces;

namespace Dreamer.Policies.DreamerV3;

/// <summary>Vector observations -> hidden layers (spec 5.3).</summary>
internal sealed unsafe class VectorEncoder
{
    private readonly ObservationLayout _layout;
    private readonly Dense[] _layers;
    private readonly RowBuffer _input;
    private readonly RowBuffer[] _hidden;

    public VectorEncoder(ObservationLayout layout, DreamerV3Sizes sizes, int slots)
    {
        _layout = layout;
        _layers = [.. Enumerable.Range(0, sizes.EncoderLayers).Select(layer =>
            new Dense($"enc/mlp{layer}", sizes.Units, layer == 0 ? layout.VectorSize : sizes.Units))];
        _input = new(slots, layout.VectorSize);
        _hidden = [new(slots, sizes.Units), new(slots, sizes.Units)];
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
            switch (tensor.DType)
            {
                case DType.Float32:
                    into = Symlog(MemoryMarshal.Cast<byte, float>(bytes), into);
                    break;
                case DType.Int32:
                    into = OneHot(tensor, MemoryMarshal.Cast<byte, int>(bytes), into);
                    break;
                default:
                    for (var i = 0; i < bytes.Length; i++)
                    {
                        into[i] = Elementwise.Symlog(bytes[i]);
                    }

                    into = into[bytes.Length..];
                    break;
            }
        }
    }

    private static Span<float> Symlog(ReadOnlySpan<float> values, Span<float> into)
    {
        for (var i = 0; i < values.Length; i++)
        {
            into[i] = Elementwise.Symlog(values[i]);
        }

        return into[values.Length..];
    }

    private static Span<float> OneHot(TensorSpec tensor, ReadOnlySpan<int> values, Span<float> into)
    {
        foreach (var value in values)
        {
            if ((uint)value >= (uint)tensor.Classes)
            {
                throw new ArgumentException($"observation {tensor.Key} shows {value}; its spec {tensor} allows 0..{tensor.Classes - 1}.");
            }

            into[..tensor.Classes].Clear();
            into[value] = 1;
            into = into[tensor.Classes..];
        }

        return into;
    }
}
