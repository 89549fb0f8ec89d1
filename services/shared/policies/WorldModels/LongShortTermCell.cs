using Dreamer.Policies.Gaussian;
using Dreamer.Policies.Numerics;

namespace Dreamer.Policies.WorldModels;

/// <summary>The recurrent layer of M (spec 1.3), TensorFlow's: quarters input, candidate, forget with 1 added, output.</summary>
internal sealed class LongShortTermCell(int inputs, int units, int capacity)
{
    private readonly LinearLayer _layer = new("rnn/lstm", 4 * units, inputs + units);
    private readonly RowBuffer _gates = new(capacity, 4 * units);

    /// <summary>[rows, inputs + units] to be written before <see cref="Step"/>: the input, then the hidden state.</summary>
    public RowBuffer Input { get; } = new(capacity, inputs + units);

    public void Load(PolicyWeights weights) => _layer.Load(weights);

    /// <summary>Multiplies all rows; <see cref="Advance"/> takes the result up.</summary>
    public void Step(int rows) => _layer.Forward(Input, rows, _gates);

    /// <summary>The state of one row, in place.</summary>
    public void Advance(int row, Span<float> cell, Span<float> hidden)
    {
        var gates = _gates.Row(row);
        for (var i = 0; i < units; i++)
        {
            cell[i] = cell[i] * Sigmoid(gates[2 * units + i] + 1) + Sigmoid(gates[i]) * MathF.Tanh(gates[units + i]);
            hidden[i] = MathF.Tanh(cell[i]) * Sigmoid(gates[3 * units + i]);
        }
    }

    private static float Sigmoid(float x) => 1 / (1 + MathF.Exp(-x));
}
