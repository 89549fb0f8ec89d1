using static TorchSharp.torch;

namespace Dreamer.Agents.Distributions;

/// <summary>DreamerV2's continuous actor: normals cut off at -1 and 1 (spec 4.3), before that with mean tanh(m) and std 2 sigmoid(s / 2) + 0.1.</summary>
/// <param name="Mean">[..., A] in (-1, 1)</param>
/// <param name="Std">[..., A] in (0.1, 2.1)</param>
public readonly record struct TruncatedNormal(Tensor Mean, Tensor Std)
{
    // Nearest that a sample comes to its bounds.
    private const double Margin = 1e-6;

    // Nearest that a probability comes to 0 and 1, where the inverse has no end.
    private const double Tail = 1e-7;

    private static readonly double LogTwoPi = Math.Log(2 * Math.PI);

    /// <summary>From the two raw outputs of the actor, [..., A] each.</summary>
    public static TruncatedNormal FromRaw(Tensor mean, Tensor std) => new(mean.tanh(), BoundedStd.Of(std));

    /// <summary>
    /// A sample by inverse transform of <paramref name="uniform"/> [..., A] in [0, 1). Keeping it off the bounds does not stop the gradient.
    /// </summary>
    public Tensor Sample(Tensor uniform)
    {
        var (lower, upper) = (Cumulative(-1), Cumulative(1));
        var probability = lower.addcmul(upper - lower, uniform, 1).clamp(Tail, 1 - Tail);
        var sample = Mean.addcmul(Std, (probability * 2 - 1).erfinv(), Math.Sqrt(2));
        return sample + (sample.clamp(Margin - 1, 1 - Margin) - sample).detach();
    }

    /// <summary>Summed over the action dimensions: [..., A] -> [...].</summary>
    public Tensor LogProbability(Tensor value) =>
        (((value - Mean) / Std).square() * -0.5 - Std.log() - Mass().log() - 0.5 * LogTwoPi).sum(-1);

    /// <summary>In nats, summed over the action dimensions: [...].</summary>
    public Tensor Entropy()
    {
        var (low, high) = ((-1 - Mean) / Std, (1 - Mean) / Std);
        var tails = low * Density(low) - high * Density(high);
        return (Std.log() + Mass().log() + tails / (Mass() * 2) + 0.5 * (LogTwoPi + 1)).sum(-1);
    }

    // Probability between the bounds before cutting.
    private Tensor Mass() => Cumulative(1) - Cumulative(-1);

    private Tensor Cumulative(double bound) => (((bound - Mean) / Std * Math.Sqrt(0.5)).erf() + 1) * 0.5;

    private static Tensor Density(Tensor x) => (x.square() * -0.5 - 0.5 * LogTwoPi).exp();
}
