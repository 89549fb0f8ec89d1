using static TorchSharp.torch;

namespace Dreamer.Agents.Nets;

/// <summary>The family of distributions that a stochastic state is drawn from; one of them is P numbers.</summary>
public interface ILatent
{
    /// <summary>Width of a state.</summary>
    int Width { get; }

    /// <summary>P</summary>
    int Parameters { get; }

    /// <summary>Random numbers [N, S] for N states.</summary>
    Tensor Noise(long rows, Generator generator, Device device, ScalarType dtype);

    /// <summary>States [N, Width] from parameters [N, P] and <see cref="Noise"/>; the gradient passes through.</summary>
    Tensor Sample(Tensor parameters, Tensor noise);

    /// <summary>KL(p || q) in nats, from parameters [N, P] each: [N].</summary>
    Tensor Divergence(Tensor p, Tensor q);

    /// <summary>In nats, from parameters [N, P]: [N].</summary>
    Tensor Entropy(Tensor parameters);
}
