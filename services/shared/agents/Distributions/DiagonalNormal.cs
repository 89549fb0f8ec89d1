using static TorchSharp.torch;

namespace Dreamer.Agents.Distributions;

/// <summary>Independent normals over the last axis.</summary>
/// <param name="Mean">[..., S]</param>
/// <param name="Std">[..., S], positive.</param>
public readonly record struct DiagonalNormal(Tensor Mean, Tensor Std)
{
    private static readonly double LogTwoPi = Math.Log(2 * Math.PI);

    /// <summary>Both without their gradient.</summary>
    public DiagonalNormal Detach() => new(Mean.detach(), Std.detach());

    /// <summary>mean + std * noise.</summary>
    public Tensor Sample(Tensor standardNormal) => Mean.addcmul(Std, standardNormal, 1);

    /// <summary>KL(this || other), summed over the last axis: [...].</summary>
    public Tensor Divergence(DiagonalNormal other)
    {
        var ratio = Std / other.Std;
        var distance = (Mean - other.Mean) / other.Std;
        return ((ratio.square() + distance.square() - 1) * 0.5 - ratio.log()).sum(-1);
    }

    /// <summary>Summed over the last axis: [...].</summary>
    public Tensor LogProbability(Tensor value) =>
        (((value - Mean) / Std).square() * -0.5 - Std.log() - 0.5 * LogTwoPi).sum(-1);

    /// <summary>In nats, summed over the last axis: [...].</summary>
    public Tensor Entropy() => (Std.log() + 0.5 * (LogTwoPi + 1)).sum(-1);
}
