using static TorchSharp.torch;

namespace Dreamer.Agents.Distributions;

/// <summary>
/// A scalar as a categorical over bins that are linear in symlog space; targets are interpolated between the two
/// neighbouring raw bins (spec 5.1). Runs in the element type it was made with, float32 or wider.
/// </summary>
public sealed class TwoHot : IDisposable
{
    private readonly Tensor bins;

    /// <param name="count">Number of bins, odd; the published model has 255.</param>
    public TwoHot(int count, Device device, ScalarType dtype)
    {
        if (count < 3 || count % 2 == 0)
        {
            throw new ArgumentOutOfRangeException(nameof(count), count, "bins must be odd and at least 3, so that one of them is zero");
        }

        Count = count;
        Bins = MakeBins(count);
        bins = tensor(Bins, dtype, device).DetachFromDisposeScope();
    }

    public int Count { get; }

    /// <summary>The bin positions, ascending and exactly antisymmetric.</summary>
    public double[] Bins { get; }

    /// <summary>
    /// Expected value of logits [..., N] -> [...]. Bins b and -b are paired before summing, so that uniform logits give
    /// exactly 0 in spite of bins of 4.85e8.
    /// </summary>
    public Tensor Mean(Tensor logits) => Kernels.TwoHotMean(logits.reshape(-1, Count), bins).view(logits.shape[..^1]);

    /// <summary>
    /// Cross-entropy of logits [..., N] against two-hot encodings of raw targets [...], summed over the targets -> [...].
    /// </summary>
    public Tensor Loss(Tensor logits, params ReadOnlySpan<Tensor> targets)
    {
        var shape = logits.shape[..^1];
        var indices = new List<Tensor>();
        var weights = new List<Tensor>();
        using (no_grad())
        {
            foreach (var target in targets)
            {
                var (below, above, weightBelow, weightAbove) = Encode(target.reshape(-1));
                indices.AddRange([below, above]);
                weights.AddRange([weightBelow, weightAbove]);
            }
        }

        return Kernels.TwoHotLoss(logits.reshape(-1, Count), stack(indices, 1), stack(weights, 1)).view(shape);
    }

    /// <summary>Neighbouring bins and their weights for raw values [N]; outside the range the last bin takes all.</summary>
    internal (Tensor Below, Tensor Above, Tensor WeightBelow, Tensor WeightAbove) Encode(Tensor values)
    {
        var above = searchsorted(bins, values, right: true);
        var below = (above - 1).clamp(0, Count - 1);
        above = above.clamp(0, Count - 1);
        var lower = bins.index_select(0, below);
        var upper = bins.index_select(0, above);
        // Where both neighbours are the same bin the gap is 0: any positive number keeps the division finite.
        var weightAbove = ((values - lower) / (upper - lower).clamp_min(1e-30)).clamp(0, 1);
        return (below, above, 1 - weightAbove, weightAbove);
    }

    private static double[] MakeBins(int count)
    {
        var half = count / 2;
        var bins = new double[count];
        for (var i = 0; i < half; i++)
        {
            bins[i] = Symlog.Inverse(-20 + 20.0 * i / half);
            bins[count - 1 - i] = -bins[i];
        }

        return bins;
    }

    public void Dispose() => bins.Dispose();
}
