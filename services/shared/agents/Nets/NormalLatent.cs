using Dreamer.Agents.Distributions;
using static TorchSharp.torch;

namespace Dreamer.Agents.Nets;

/// <summary>S normal variables, described by their means and by x of std 2 sigmoid(x / 2) + 0.1 (spec 4.1).</summary>
public sealed class NormalLatent(int variables) : ILatent
{
    public int Width => variables;

    public int Parameters => 2 * variables;

    public Tensor Noise(long rows, Generator generator, Device device, ScalarType dtype) =>
        empty([rows, variables], dtype, device).normal_(0, 1, generator);

    public Tensor Sample(Tensor parameters, Tensor noise) => Normal(parameters).Sample(noise);

    public Tensor Divergence(Tensor p, Tensor q) => Normal(p).Divergence(Normal(q));

    public Tensor Entropy(Tensor parameters) => Normal(parameters).Entropy();

    private static DiagonalNormal Normal(Tensor parameters)
    {
        var halves = parameters.chunk(2, -1);
        return new(halves[0], BoundedStd.Of(halves[1]));
    }
}
