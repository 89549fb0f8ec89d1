using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Dreamer.Agents.Nets;

/// <summary>What follows each hidden layer; a value, so that nets are composed instead of flagged.</summary>
/// <param name="After">
/// Makes it for a layer of a name and a width and declares what it trains, if anything; the result takes [..., width] to the same shape.
/// </param>
public sealed record Activation(Func<ParameterSet, string, int, Func<Tensor, Tensor>> After)
{
    /// <summary>x, or exp(x) - 1 below zero.</summary>
    public static Activation Elu { get; } = Of(x => F.elu(x, 1));

    /// <summary>x, or 0 below zero.</summary>
    public static Activation Relu { get; } = Of(x => F.relu(x));

    /// <summary>The same after a layer norm (spec 4.1).</summary>
    public Activation Normed() => new((set, name, width) =>
    {
        var (norm, activate) = (new LayerNorm(set, $"{name}/norm", width), After(set, name, width));
        return x => activate(norm.Apply(x));
    });

    private static Activation Of(Func<Tensor, Tensor> function) => new((_, _, _) => function);
}
