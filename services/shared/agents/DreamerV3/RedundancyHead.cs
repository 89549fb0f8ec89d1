using Dreamer.Agents.Nets;
using static TorchSharp.torch;

namespace Dreamer.Agents.DreamerV3;

/// <summary>
/// R2-Dreamer's objective in place of a decoder (spec 11, after Barlow Twins): a linear projection of the feature is to correlate with
/// the encoder's tokens, each with its own and with no other.
/// </summary>
public sealed class RedundancyHead
{
    // Keeps a token that is the same in the whole batch from dividing by zero.
    private const double SmallestStd = 1e-8;
    private readonly Parameter projection;
    private readonly double redundancyScale;

    /// <param name="tokens">E</param>
    /// <param name="features">F</param>
    /// <param name="redundancyScale">Weight of the correlations between different tokens.</param>
    public RedundancyHead(ParameterSet set, int tokens, int features, double redundancyScale)
    {
        projection = set.Declare("prj/weight", Initializer.FanIn(features, 1), tokens, features);
        this.redundancyScale = redundancyScale;
    }

    /// <summary>The loss of the whole batch, a scalar; the tokens get no gradient.</summary>
    /// <param name="feature">[N, F]</param>
    /// <param name="tokens">[N, E]</param>
    public Tensor Loss(Tensor feature, Tensor tokens) => Loss(nn.functional.linear(feature, projection.Value), tokens.detach(), redundancyScale);

    /// <summary>Σ_i (C_ii − 1)² + scale · Σ_{i≠j} C_ij² of C = x'y / N, where x and y are standardised per column over the batch.</summary>
    /// <param name="x">[N, E]</param>
    /// <param name="y">[N, E]</param>
    public static Tensor Loss(Tensor x, Tensor y, double redundancyScale)
    {
        var correlation = Standardise(x).t().matmul(Standardise(y)) / x.shape[0];                            // [E, E]
        var own = correlation.diagonal();
        return (own - 1).square().sum() + (correlation.square().sum() - own.square().sum()) * redundancyScale;
    }

    private static Tensor Standardise(Tensor x) => (x - x.mean([0])) / (x.std(0) + SmallestStd);
}
