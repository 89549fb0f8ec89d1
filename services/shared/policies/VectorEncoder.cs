using Dreamer.Policies.Numerics;
using Dreamer.Spaces;

namespace Dreamer.Policies;

/// <summary>Vector observations -> hidden layers (spec 3.4, 4.1, 5.3).</summary>
internal sealed unsafe class VectorEncoder
{
    private readonly ObservationLayout _layout;
    private readonly ILayer[] _layers;
    private readonly bool _symlog;
    private readonly RowBuffer _input;
    private readonly RowBuffer[] _hidden;

    /// <param name="layers">Makes layer <c>enc/mlpN</c> of that many outputs and inputs.</param>
    /// <param name="symlog">Whether numbers enter by their symlog, or as they are.</param>
    public VectorEncoder(ObservationLayout layout, int units, int layers, Func<string, int, int, ILayer> layer, int slots, bool symlog = false)
    {
        (_layout, _symlog) = (layout, symlog);
        _layers = [.. Enumerable.Range(0, layers).Select(index => layer($"enc/mlp{index}", units, index == 0 ? layout.VectorSize : units))];
        _input = new(slots, layout.VectorSize);
        _hidden = [new(slots, units), new(slots, units)];
    }

    /// <summary>Bytes of weights that one batch reads.</summary>
    public long Bytes => _layers.Sum(layer => layer.Bytes);

    public void Load(PolicyWeights weights) => Array.ForEach(_layers, layer => layer.Load(weights));

    /// <summary>Writes [steps, U].</summary>
    public void Encode(ReadOnlySpan<TimeStep> steps, float* tokens, nint stride)
    {
        for (var i = 0; i < steps.Length; i++)
        {
            _layout.WriteVectors(steps[i], _input.Row(i), _symlog);
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
}
