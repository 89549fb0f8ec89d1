using static TorchSharp.torch;

namespace Dreamer.Agents.Distributions;

/// <summary>One-dimensional mixtures of normals, independent of each other (spec 1.3); K components each.</summary>
/// <param name="LogWeights">[..., K], normalised: their exponentials sum to 1.</param>
/// <param name="Mean">[..., K]</param>
/// <param name="LogStd">[..., K]</param>
public readonly record struct NormalMixture(Tensor LogWeights, Tensor Mean, Tensor LogStd)
{
    private static readonly double HalfLogTwoPi = Math.Log(2 * Math.PI) / 2;

    /// <summary>From raw outputs [..., 3 K]: logits, means, logarithms of the standard deviations.</summary>
    public static NormalMixture FromRaw(Tensor raw)
    {
        var parts = raw.chunk(3, -1);
        return new(nn.functional.log_softmax(parts[0], -1), parts[1], parts[2]);
    }

    /// <summary>ln p of a value [...]: [...].</summary>
    public Tensor LogProbability(Tensor value)
    {
        var distance = (value.unsqueeze(-1) - Mean) * (-LogStd).exp();
        return (LogWeights - LogStd - distance.square() / 2 - HalfLogTwoPi).logsumexp(-1);
    }

    /// <summary>A sample [...]: a component chosen with softmax(logits / temperature), whose variance is multiplied by the temperature (spec 1.6).</summary>
    /// <param name="uniform">[...] in [0, 1).</param>
    /// <param name="standardNormal">[...]</param>
    public Tensor Sample(Tensor uniform, Tensor standardNormal, double temperature)
    {
        var cumulative = (LogWeights / temperature).softmax(-1).cumsum(-1);
        var chosen = (cumulative < uniform.unsqueeze(-1)).to(int64).sum(-1, keepdim: true).clamp_max(LogWeights.shape[^1] - 1);
        return Mean.gather(-1, chosen).squeeze(-1) + LogStd.gather(-1, chosen).squeeze(-1).exp() * standardNormal * Math.Sqrt(temperature);
    }
}
