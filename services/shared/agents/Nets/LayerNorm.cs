using static TorchSharp.torch;

namespace Dreamer.Agents.Nets;

/// <summary>Zero mean and unit variance over the last axis, then scale and offset, as Keras has it (spec 4.1, 10).</summary>
public sealed class LayerNorm(ParameterSet set, string name, int width)
{
    /// <summary>Added to the variance.</summary>
    public const double Epsilon = 1e-3;

    private readonly Parameter scale = set.Declare($"{name}/scale", Initializer.Ones, width);
    private readonly Parameter offset = set.Declare($"{name}/offset", Initializer.Zeros, width);

    /// <summary>[..., width] to the same shape.</summary>
    public Tensor Apply(Tensor x) => nn.functional.layer_norm(x, [width], scale.Value, offset.Value, Epsilon);
}
