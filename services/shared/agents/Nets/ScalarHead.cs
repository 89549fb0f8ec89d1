using static TorchSharp.torch;

namespace Dreamer.Agents.Nets;

/// <summary>Feature to one number per row: the mean of a unit normal, or a logit (spec 2.3, 3.1, 3.2).</summary>
public sealed class ScalarHead(ParameterSet set, string name, int features, int units, int layers, Activation activation)
{
    private readonly PlainMlp net = new(set, name, features, units, layers, activation, outputs: 1);

    /// <summary>[..., F] -> [...]</summary>
    public Tensor Apply(Tensor feature) => net.Apply(feature).squeeze(-1);

    /// <summary>-ln N(target; mean, 1) without its constant: half the squared error, same shape.</summary>
    public static Tensor Loss(Tensor mean, Tensor target) => (mean - target).square() * 0.5;
}
