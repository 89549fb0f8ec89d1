using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Dreamer.Agents.Nets;

/// <summary>What follows each hidden layer, element by element; a value, so that nets are composed instead of flagged.</summary>
/// <param name="Apply">Any shape to the same shape.</param>
public sealed record Activation(Func<Tensor, Tensor> Apply)
{
    /// <summary>x, or exp(x) - 1 below zero.</summary>
    public static Activation Elu { get; } = new(x => F.elu(x, 1));

    /// <summary>x, or 0 below zero.</summary>
    public static Activation Relu { get; } = new(x => F.relu(x));
}
