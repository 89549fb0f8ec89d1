using static TorchSharp.torch;

namespace Dreamer.Agents.Nets;

/// <summary>
/// The GRU of DreamerV2 (spec 4.1): LayerNorm(W [x, h] + b) in thirds r, c, u; h' = z tanh(sigmoid(r) c) + (1 - z) h with
/// z = sigmoid(u - 1), so the update gate weighs the candidate.
/// </summary>
public sealed class NormGruCell(ParameterSet set, string name, int inputs, int units) : IRecurrentCell
{
    private readonly Linear gates = PlainMlp.Layer(set, $"{name}/gates", inputs + units, 3 * units);
    private readonly LayerNorm norm = new(set, $"{name}/gates/norm", 3 * units);

    public Tensor Step(Tensor input, Tensor state) => Kernels.BlockGru(norm.Apply(gates.Apply(cat([input, state], 1))), state, blocks: 1);
}
