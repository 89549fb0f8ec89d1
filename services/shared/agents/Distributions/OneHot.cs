using static TorchSharp.torch;

namespace Dreamer.Agents.Distributions;

/// <summary>
/// Categorical variables whose probabilities are mixed with a little of the uniform distribution: p = (1 - u) softmax + u / C
/// (spec 5.2). All inputs are raw logits [..., C].
/// </summary>
public static class OneHot
{
    /// <summary>Mixed probabilities, same shape.</summary>
    public static Tensor Probabilities(Tensor logits, double unimix) =>
        logits.softmax(-1) * (1 - unimix) + unimix / logits.shape[^1];

    /// <summary>
    /// A one-hot sample [..., C] by inverse transform of <paramref name="uniform"/> [..., 1] in [0, 1), with the
    /// straight-through gradient: sample + p - sg(p).
    /// </summary>
    public static Tensor Sample(Tensor logits, Tensor uniform, double unimix) => Kernels.UnimixSample(logits, uniform, unimix);

    /// <summary>KL(p || q) [..., S] -> summed over the S variables of logits [..., S, C] -> [...].</summary>
    public static Tensor Divergence(Tensor logitsP, Tensor logitsQ, double unimix)
    {
        var p = Probabilities(logitsP, unimix);
        var q = Probabilities(logitsQ, unimix);
        return (p * (p.log() - q.log())).sum([-2, -1]);
    }

    /// <summary>Log-probability of one-hot values [..., C] -> [...].</summary>
    public static Tensor LogProbability(Tensor logits, Tensor value, double unimix) =>
        (Probabilities(logits, unimix).log() * value).sum(-1);

    /// <summary>Entropy in nats [..., C] -> [...].</summary>
    public static Tensor Entropy(Tensor logits, double unimix)
    {
        var p = Probabilities(logits, unimix);
        return -(p * p.log()).sum(-1);
    }
}
