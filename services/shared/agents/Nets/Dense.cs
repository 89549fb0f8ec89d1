using static TorchSharp.torch;

namespace Dreamer.Agents.Nets;

/// <summary>The hidden layer of V3: Linear -> RMSNorm -> SiLU (spec 5.1).</summary>
public sealed class Dense
{
    private readonly double epsilon;

    public Dense(ParameterSet set, string name, int inputs, int outputs, double epsilon)
    {
        this.epsilon = epsilon;
        Linear = new Linear(set, name, inputs, outputs);
        Norm = set.Declare($"{name}/norm", Initializer.Ones, outputs);
    }

    public Linear Linear { get; }

    public Parameter Norm { get; }

    /// <summary>[..., in] -> [..., out]</summary>
    public Tensor Apply(Tensor x) => Activate(Linear.Apply(x));

    /// <summary>Norm and activation alone, for callers that compute the product in parts. [..., out] -> [..., out]</summary>
    public Tensor Activate(Tensor x) => Kernels.RmsNorm(x, Norm.Value, epsilon, silu: true);
}
