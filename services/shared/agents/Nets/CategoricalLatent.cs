using Dreamer.Agents.Distributions;
using static TorchSharp.torch;

namespace Dreamer.Agents.Nets;

/// <summary>S categorical variables of C classes, described by their logits; samples have the straight-through gradient (spec 4.1).</summary>
public sealed class CategoricalLatent(int variables, int classes) : ILatent
{
    public int Width => variables * classes;

    public int Parameters => variables * classes;

    public Tensor Noise(long rows, Generator generator, Device device, ScalarType dtype) =>
        empty([rows, variables], dtype, device).uniform_(0, 1, generator);

    public Tensor Sample(Tensor parameters, Tensor noise) => Categorical.Sample(Logits(parameters), noise.unsqueeze(-1)).view(-1, Width);

    public Tensor Divergence(Tensor p, Tensor q) => Categorical.Divergence(Logits(p), Logits(q)).sum(-1);

    public Tensor Entropy(Tensor parameters) => Categorical.Entropy(Logits(parameters)).sum(-1);

    // [N, S*C] -> [N, S, C]
    private Tensor Logits(Tensor parameters) => parameters.view(-1, variables, classes);
}
