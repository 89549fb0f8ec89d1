using static TorchSharp.torch;

namespace Dreamer.Agents;

/// <summary>
/// Scale of returns: moving averages of a low and a high percentile, both starting at 0, never below 1 apart (spec 5.5).
/// Its state stays on the device; nothing here waits for it.
/// </summary>
public sealed class PercentileNormaliser(double rate, double low, double high, Device device, ScalarType dtype) : IDisposable
{
    private readonly Tensor quantiles = tensor([low, high], dtype, device).DetachFromDisposeScope();

    /// <summary>[2] the averaged percentiles.</summary>
    public Tensor Range { get; } = zeros([2], dtype, device).DetachFromDisposeScope();

    /// <summary>Takes in values of any shape; call before <see cref="Scale"/> in the same update.</summary>
    public void Update(Tensor values)
    {
        using var noGrad = no_grad();
        Range.mul_(1 - rate).add_(values.reshape(-1).quantile(quantiles), rate);
    }

    /// <summary>max(1, high - low), a scalar tensor.</summary>
    public Tensor Scale() => (Range.select(0, 1) - Range.select(0, 0)).clamp_min(1.0);

    public void Dispose()
    {
        quantiles.Dispose();
        Range.Dispose();
    }
}
