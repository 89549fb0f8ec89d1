using static TorchSharp.torch;

namespace Dreamer.Agents.Nets;

/// <summary>
/// The GRU of Dreamer, Keras' GRUCell that resets after the product (spec 3.1): i = W x + b, s = U h + b', each in thirds z, r, c;
/// h' = z h + (1 - z) tanh(i_c + r s_c) with sigmoid gates.
/// </summary>
public sealed class KerasGruCell : IRecurrentCell
{
    private readonly Linear kernel;
    private readonly Linear recurrent;

    public KerasGruCell(ParameterSet set, string name, int inputs, int units)
    {
        kernel = PlainMlp.Layer(set, $"{name}/kernel", inputs, 3 * units);
        recurrent = new Linear(set, $"{name}/recurrent", units, 3 * units, Initializer.Orthonormal);
    }

    public Tensor Step(Tensor input, Tensor state)
    {
        var units = state.shape[1];
        var (fromInput, fromState) = (kernel.Apply(input), recurrent.Apply(state));
        var gates = (fromInput.narrow(1, 0, 2 * units) + fromState.narrow(1, 0, 2 * units)).sigmoid();
        var (update, reset) = (gates.narrow(1, 0, units), gates.narrow(1, units, units));
        var proposal = fromInput.narrow(1, 2 * units, units).addcmul(reset, fromState.narrow(1, 2 * units, units), 1).tanh();
        return proposal + update * (state - proposal);
    }
}
