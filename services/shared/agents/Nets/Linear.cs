using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Dreamer.Agents.Nets;

/// <summary>y = x W^T + b with weight [out, in] (spec 5.1).</summary>
public sealed class Linear
{
    public Linear(ParameterSet set, string name, int inputs, int outputs, double scale = 1)
        : this(set, name, inputs, outputs, Initializer.FanIn(inputs, scale))
    {
    }

    public Linear(ParameterSet set, string name, int inputs, int outputs, Initializer start)
    {
        Weight = set.Declare($"{name}/weight", start, outputs, inputs);
        Bias = set.Declare($"{name}/bias", Initializer.Zeros, outputs);
    }

    public Parameter Weight { get; }

    public Parameter Bias { get; }

    /// <summary>[..., in] -> [..., out]</summary>
    public Tensor Apply(Tensor x) => F.linear(x, Weight.Value, Bias.Value);
}
