using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Dreamer.Agents.Nets;

/// <summary>
/// The GRU of PlaNet, TensorFlow's GRUBlockCell (spec 2.1): r, u = sigmoid(W [x, h] + b) with b starting at 1,
/// c = tanh(W_c [x, r h] + b_c), h' = u h + (1 - u) c.
/// </summary>
public sealed class GruBlockCell : IRecurrentCell
{
    private readonly Parameter gateWeight;
    private readonly Parameter gateBias;
    private readonly Linear candidate;

    public GruBlockCell(ParameterSet set, string name, int inputs, int units)
    {
        gateWeight = set.Declare($"{name}/gates/weight", Initializer.Glorot(inputs + units, 2 * units), 2 * units, inputs + units);
        gateBias = set.Declare($"{name}/gates/bias", Initializer.Ones, 2 * units);
        candidate = PlainMlp.Layer(set, $"{name}/candidate", inputs + units, units);
    }

    public Tensor Step(Tensor input, Tensor state)
    {
        var gates = F.linear(cat([input, state], 1), gateWeight.Value, gateBias.Value).sigmoid().chunk(2, 1);
        var (reset, update) = (gates[0], gates[1]);
        var proposal = candidate.Apply(cat([input, reset * state], 1)).tanh();
        return proposal + update * (state - proposal);
    }
}
