using Dreamer.Agents.Nets;
using static TorchSharp.torch;

namespace Dreamer.Agents.Optimisers;

/// <summary>
/// Adam as TensorFlow computes it, after clipping by the global norm: with m and v the averages of the gradient and of its square,
/// p -= rate sqrt(1 - beta2^n) / (1 - beta1^n) * m / (sqrt(v) + epsilon) (spec 10). Everything happens on the flat buffers of the set.
/// </summary>
public sealed class Adam : IDisposable
{
    private readonly ParameterSet set;
    private readonly AdamOptions options;

    public Adam(ParameterSet set, AdamOptions options)
    {
        (this.set, this.options, LearningRate) = (set, options, options.LearningRate);
        Momentum = zeros_like(set.Flat).DetachFromDisposeScope();
        MeanSquare = zeros_like(set.Flat).DetachFromDisposeScope();
    }

    /// <summary>[Count] average of gradients.</summary>
    public Tensor Momentum { get; }

    /// <summary>[Count] average of squared gradients.</summary>
    public Tensor MeanSquare { get; }

    /// <summary>Updates done so far.</summary>
    public long Updates { get; set; }

    /// <summary>Learning rate of the next update: that of the options, for who does not let it fall.</summary>
    public double LearningRate { get; set; }

    /// <summary>One update from the gradients in the set; they are cleared afterwards. Returns their norm before clipping, a scalar.</summary>
    public Tensor Step()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var n = ++Updates;
        var gradient = set.Gradient;
        var norm = gradient.norm();
        if (options.Clip > 0)
        {
            gradient.div_((norm / options.Clip).clamp_min(1));
        }

        Momentum.mul_(options.Beta1).add_(gradient, 1 - options.Beta1);
        MeanSquare.mul_(options.Beta2).addcmul_(gradient, gradient, 1 - options.Beta2);
        if (options.WeightDecay > 0)
        {
            set.Flat.mul_(1 - options.WeightDecay);
        }

        var rate = LearningRate * Math.Sqrt(1 - Math.Pow(options.Beta2, n)) / (1 - Math.Pow(options.Beta1, n));
        set.Flat.sub_(Momentum / (MeanSquare.sqrt() + options.Epsilon) * rate);
        gradient.zero_();
        return norm.MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        Momentum.Dispose();
        MeanSquare.Dispose();
    }
}
