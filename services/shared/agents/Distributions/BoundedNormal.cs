using static TorchSharp.torch;

namespace Dreamer.Agents.Distributions;

/// <summary>
/// The continuous policy: a normal with mean tanh(x) and std 0.9 sigmoid(x' + 2) + 0.1, not squashed (spec 5.5).
/// </summary>
/// <param name="Mean">[..., A] in (-1, 1)</param>
/// <param name="Std">[..., A] in (0.1, 1)</param>
public readonly record struct BoundedNormal(Tensor Mean, Tensor Std)
{
    private const double LowestStd = 0.1;
    private const double HighestStd = 1;
    private static readonly double LogTwoPi = Math.Log(2 * Math.PI);

    /// <summary>From the two raw outputs of the policy head, [..., A] each.</summary>
    public static BoundedNormal FromRaw(Tensor mean, Tensor std) =>
        new(mean.tanh(), (std + 2.0).sigmoid() * (HighestStd - LowestStd) + LowestStd);

    /// <summary>mean + std * noise, unclipped.</summary>
    public Tensor Sample(Tensor standardNormal) => Mean + Std * standardNormal;

    /// <summary>Summed over the action dimensions: [..., A] -> [...].</summary>
    public Tensor LogProbability(Tensor value) =>
        (((value - Mean) / Std).square() * -0.5 - Std.log() - 0.5 * LogTwoPi).sum(-1);

    /// <summary>In nats, summed over the action dimensions: [...].</summary>
    public Tensor Entropy() => (Std.log() + 0.5 * (LogTwoPi + 1)).sum(-1);
}
