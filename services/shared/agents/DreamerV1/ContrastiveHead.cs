using Dreamer.Agents.Nets;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Dreamer.Agents.DreamerV1;

/// <summary>
/// The contrastive objective of the paper's appendix as its code computes it (spec 3.4c): a normal over features is predicted from
/// the tokens of an observation, and the observation's own feature must be likelier than those of other windows and steps.
/// </summary>
public sealed class ContrastiveHead
{
    private const double LowestStd = 1e-2;

    // softplus^-1(1): an untrained head begins with a standard deviation near 1.
    private static readonly double Offset = Math.Log(Math.E - 1);
    private readonly PlainMlp net;
    private readonly (int Windows, int Steps) negatives;

    /// <param name="negatives">Windows and steps around each observation whose features it is told from; capped by those of the batch.</param>
    public ContrastiveHead(ParameterSet set, int tokens, int features, int units, int layers, (int Windows, int Steps) negatives)
    {
        net = new PlainMlp(set, "cpc", tokens, units, layers, Activation.Elu, 2 * features);
        this.negatives = negatives;
    }

    /// <summary>logsumexp_j ln q(f_j | e_i) - ln q(f_i | e_i) for each observation i: [N]</summary>
    /// <param name="tokens">[T*B, E], time first.</param>
    /// <param name="feature">[T*B, F]</param>
    public Tensor Loss(Tensor tokens, Tensor feature, int steps, int rows)
    {
        var halves = net.Apply(tokens).chunk(2, -1);
        var (mean, std) = (halves[0], F.softplus(halves[1] + Offset) + LowestStd);
        var precision = std.pow(-2);

        // ln q(f_j | e_i) for all pairs by two matrix products, less what is the same for all: [N, N]
        var constant = -(mean.square() * precision).sum(-1) * 0.5 - std.log().sum(-1);
        var scores = (mean * precision).matmul(feature.t()) - precision.matmul(feature.square().t()) * 0.5 + constant.unsqueeze(-1);
        using var others = tensor(Others(steps, rows), device: tokens.device).view(steps * rows, -1);
        return scores.gather(1, others).logsumexp(-1) - scores.diagonal();
    }

    // Per observation (t, b) the rows of the features at (t + j, b + i), wrapped around; (0, 0) is among them.
    private long[] Others(int steps, int rows)
    {
        var (windows, times) = (Around(negatives.Windows, rows), Around(negatives.Steps, steps));
        return [.. from t in Enumerable.Range(0, steps)
                   from b in Enumerable.Range(0, rows)
                   from i in windows
                   from j in times
                   select ((((t + j) % steps) + steps) % steps * (long)rows) + ((((b + i) % rows) + rows) % rows)];
    }

    private static int[] Around(int width, int limit)
    {
        var count = Math.Min(width, limit);
        return [.. Enumerable.Range(-(count / 2), count)];
    }
}
