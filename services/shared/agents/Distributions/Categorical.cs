using static TorchSharp.torch;

namespace Dreamer.Agents.Distributions;

/// <summary>Categorical variables as they are before V3, without a share of the uniform distribution. All inputs are logits [..., C].</summary>
public static class Categorical
{
    /// <summary>
    /// A one-hot sample [..., C] by inverse transform of <paramref name="uniform"/> [..., 1] in [0, 1), with the straight-through
    /// gradient: sample + p - sg(p).
    /// </summary>
    public static Tensor Sample(Tensor logits, Tensor uniform) => Kernels.UnimixSample(logits, uniform, unimix: 0);

    /// <summary>KL(p || q) in nats: [..., C] -> [...].</summary>
    public static Tensor Divergence(Tensor logitsP, Tensor logitsQ)
    {
        // By logarithms: a probability that rounds to 0 costs nothing, not infinity.
        var p = logitsP.log_softmax(-1);
        return (p.exp() * (p - logitsQ.log_softmax(-1))).sum(-1);
    }

    /// <summary>Log-probability of one-hot values [..., C] -> [...].</summary>
    public static Tensor LogProbability(Tensor logits, Tensor value) => (logits.log_softmax(-1) * value).sum(-1);

    /// <summary>In nats: [..., C] -> [...].</summary>
    public static Tensor Entropy(Tensor logits)
    {
        var p = logits.log_softmax(-1);
        return -(p.exp() * p).sum(-1);
    }
}
