using Dreamer.Agents.Nets;
using TorchSharp;
using static TorchSharp.torch;

namespace Dreamer.Agents.Optimisers;

/// <summary>
/// Adaptive gradient clipping per tensor, then LaProp: normalise the gradient first, average it second (spec 5.6).
/// Everything happens on the flat buffers of the parameter set.
/// </summary>
public sealed class LaProp : IDisposable
{
    private readonly ParameterSet set;
    private readonly LaPropOptions options;
    private readonly Tensor sizes;
    private readonly long[] offsets;

    public LaProp(ParameterSet set, LaPropOptions options)
    {
        (this.set, this.options) = (set, options);
        Momentum = zeros_like(set.Flat).DetachFromDisposeScope();
        MeanSquare = zeros_like(set.Flat).DetachFromDisposeScope();
        offsets = [.. set.Parameters.Select(parameter => parameter.Offset), set.Count];
        sizes = tensor(set.Parameters.Select(parameter => parameter.Count).ToArray(), device: set.Flat.device).DetachFromDisposeScope();
    }

    /// <summary>[Count] average of normalised gradients.</summary>
    public Tensor Momentum { get; }

    /// <summary>[Count] average of squared gradients.</summary>
    public Tensor MeanSquare { get; }

    /// <summary>Updates done so far.</summary>
    public long Updates { get; set; }

    /// <summary>Learning rate of update <paramref name="n"/>, counted from 1: update 1 of a warm-up uses 0.</summary>
    public double RateAt(long n) =>
        options.LearningRate * (options.WarmupUpdates == 0 ? 1 : Math.Min(1, (n - 1.0) / options.WarmupUpdates));

    /// <summary>One update from the gradients in the set; they are cleared afterwards.</summary>
    public void Step()
    {
        using var noGrad = no_grad();
        var n = ++Updates;
        var rate = RateAt(n) / (1 - Math.Pow(options.Beta1, n));
        var correction = 1 / (1 - Math.Pow(options.Beta2, n));
        if (!Kernels.LaProp(
            set.Flat, set.Gradient, Momentum, MeanSquare, offsets, options.Clip, options.ClipFloor, rate, correction,
            options.Beta1, options.Beta2, options.Epsilon))
        {
            StepEager(rate, correction);
        }

        set.Gradient.zero_();
    }

    /// <summary>Root mean square of what the newest update took from the parameters, over all of their elements.</summary>
    public Tensor UpdateRms() => Momentum.norm() * (RateAt(Updates) / (1 - Math.Pow(options.Beta1, Updates)) / Math.Sqrt(set.Count));

    /// <summary>The same update in eager operations.</summary>
    internal void StepEager(double rate, double correction)
    {
        using var scope = NewDisposeScope();
        var gradient = Clip(set.Gradient);
        MeanSquare.mul_(options.Beta2).addcmul_(gradient, gradient, 1 - options.Beta2);
        var direction = gradient / (MeanSquare * correction).sqrt_().add_(options.Epsilon);
        Momentum.mul_(options.Beta1).add_(direction, 1 - options.Beta1);
        set.Flat.add_(Momentum, -rate);
    }

    // g / max(1, |g| / (clip max(floor, |p|))) with the norms of whole tensors.
    private Tensor Clip(Tensor gradient)
    {
        var gradientNorms = Norms(gradient);
        var limits = Norms(set.Flat).clamp_min(options.ClipFloor) * options.Clip;
        var divisors = (gradientNorms / limits).clamp_min(1);
        return gradient / divisors.repeat_interleave(sizes, output_size: set.Count);
    }

    private Tensor Norms(Tensor flat) =>
        stack([.. set.Parameters.Select(parameter => flat.narrow(0, parameter.Offset, parameter.Count).norm())]);

    public void Dispose()
    {
        Momentum.Dispose();
        MeanSquare.Dispose();
        sizes.Dispose();
    }
}
