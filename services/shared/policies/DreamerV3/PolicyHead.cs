using Dreamer.Policies.Numerics;
using Dreamer.Spaces;

namespace Dreamer.Policies.DreamerV3;

/// <summary>[deter, stoch] -> action distribution -> sampled action (spec 5.5).</summary>
internal sealed unsafe class PolicyHead
{
    private readonly DreamerV3Sizes _sizes;
    private readonly ActionSpec _action;
    private readonly Dense[] _layers;
    private readonly PackedColumns _stochColumns;
    private readonly Dense[] _heads;
    private readonly RowBuffer[] _hidden;
    private readonly AlignedBuffer<float> _exponentials;

    public PolicyHead(DreamerV3Sizes sizes, ActionSpec action, int slots)
    {
        (_sizes, _action) = (sizes, action);
        _layers = [.. Enumerable.Range(0, sizes.PolicyLayers).Select(layer =>
            new Dense($"pol/mlp{layer}", sizes.Units, layer == 0 ? sizes.Deter : sizes.Units))];
        _stochColumns = new PackedColumns(sizes.Units, sizes.Stoch, sizes.Classes);
        string[] names = action.Kind == ActionKind.Discrete ? ["pol/logit"] : ["pol/mean", "pol/std"];
        _heads = [.. names.Select(name => new Dense(name, action.Size, sizes.Units, hidden: false))];
        _hidden = [new(slots, sizes.Units), new(slots, sizes.Units)];
        _exponentials = new(action.Size);
    }

    /// <summary>Values per row of the distribution: logits, or means and standard deviations.</summary>
    public int Outputs => _heads.Length * _action.Size;

    /// <summary>Uniform numbers that one sample takes.</summary>
    public int Noise => _action.Kind == ActionKind.Discrete ? 1 : 2 * _action.Size;

    /// <summary>Bytes of weights that one batch reads, columns of the stochastic state for one row.</summary>
    public long Bytes => _layers.Concat(_heads).Sum(layer => layer.Matrix.Bytes) + _stochColumns.BytesPerRow;

    public void Load(PolicyWeights weights)
    {
        var features = _sizes.Deter + _sizes.Stoch * _sizes.Classes;
        _layers[0].Load(weights, features);
        _stochColumns.Pack(weights["pol/mlp0/weight"][_sizes.Deter..], features);
        foreach (var layer in _layers.AsSpan(1))
        {
            layer.Load(weights);
        }

        foreach (var head in _heads)
        {
            head.Load(weights);
        }
    }

    /// <summary>Parameters of the action distribution.</summary>
    /// <param name="features">[rows, D + ...]: deter first.</param>
    /// <param name="stoch">[rows, S] class indices.</param>
    /// <param name="distribution">[rows, A] logits before unimix, or [rows, 2A] means then standard deviations; written.</param>
    public void Forward(int rows, RowBuffer features, ReadOnlySpan<byte> stoch, RowBuffer distribution)
    {
        var x = _hidden[0].Pointer;
        var stride = _hidden[0].Stride;
        _layers[0].Linear(features.Pointer, features.Stride, rows, x, stride);
        for (var row = 0; row < rows; row++)
        {
            _stochColumns.Add(stoch.Slice(row * _sizes.Stoch, _sizes.Stoch), x + row * stride);
        }

        _layers[0].Activate(rows, x, stride);
        for (var layer = 1; layer < _layers.Length; layer++)
        {
            var y = _hidden[layer % 2].Pointer;
            _layers[layer].Forward(x, stride, rows, y, stride);
            x = y;
        }

        for (var head = 0; head < _heads.Length; head++)
        {
            _heads[head].Forward(x, stride, rows, distribution.Pointer + head * _action.Size, distribution.Stride);
        }

        for (var row = 0; row < rows && _action.Kind == ActionKind.Continuous; row++)
        {
            Bound(distribution.Row(row));
        }
    }

    /// <summary>One action from one row of the distribution.</summary>
    public void Sample(ReadOnlySpan<float> distribution, ReadOnlySpan<float> noise, Span<float> action)
    {
        if (_action.Kind == ActionKind.Continuous)
        {
            for (var i = 0; i < action.Length; i++)
            {
                // Box-Muller; 1 - u lies in (0, 1].
                var normal = MathF.Sqrt(-2 * MathF.Log(1 - noise[2 * i])) * MathF.Cos(MathF.Tau * noise[2 * i + 1]);
                action[i] = distribution[i] + distribution[action.Length + i] * normal;
            }

            return;
        }

        var exponentials = _exponentials.Span;
        var largest = distribution[0];
        foreach (var logit in distribution)
        {
            largest = MathF.Max(largest, logit);
        }

        for (var i = 0; i < exponentials.Length; i++)
        {
            exponentials[i] = MathF.Exp(distribution[i] - largest);
        }

        action.Clear();
        action[Categorical.Invert(exponentials, _sizes.Unimix, noise[0])] = 1;
    }

    /// <summary>mean = tanh(x), std = (max - min) * sigmoid(x' + 2) + min.</summary>
    private void Bound(Span<float> distribution)
    {
        for (var i = 0; i < _action.Size; i++)
        {
            ref var std = ref distribution[_action.Size + i];
            distribution[i] = MathF.Tanh(distribution[i]);
            std = (_sizes.MaxStd - _sizes.MinStd) * Elementwise.Sigmoid(std + 2) + _sizes.MinStd;
        }
    }
}
