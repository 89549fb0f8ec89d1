using Dreamer.Agents.Distributions;
using Dreamer.Agents.Nets;
using Dreamer.Spaces;
using static TorchSharp.torch;

namespace Dreamer.Agents.DreamerV2;

/// <summary>Feature to a distribution over actions: one-hot categories, or normals cut off at -1 and 1 (spec 4.3).</summary>
public sealed class Actor
{
    private readonly PlainMlp net;
    private readonly ActionSpec action;

    public Actor(ParameterSet set, string name, int features, int units, int layers, Activation activation, ActionSpec action)
    {
        this.action = action;
        net = new PlainMlp(set, name, features, units, layers, activation, IsDiscrete ? action.Size : 2 * action.Size);
    }

    public bool IsDiscrete => action.Kind == ActionKind.Discrete;

    /// <summary>Uniform numbers for <paramref name="rows"/> samples.</summary>
    public Tensor Noise(long rows, Generator generator, Device device, ScalarType dtype) =>
        empty([rows, IsDiscrete ? 1 : action.Size], dtype, device).uniform_(0, 1, generator);

    /// <summary>Raw outputs for features [..., F]: logits [..., A], or means and standard deviations before their bounds [..., 2A].</summary>
    public Tensor Apply(Tensor feature) => net.Apply(feature);

    /// <summary>Actions [N, A] from raw outputs and <see cref="Noise"/>; the gradient passes through.</summary>
    public Tensor Sample(Tensor raw, Tensor noise) => IsDiscrete ? Categorical.Sample(raw, noise) : Normal(raw).Sample(noise);

    /// <summary>Log-probability of actions [..., A], and entropy in nats: [...].</summary>
    public (Tensor LogProbability, Tensor Entropy) Score(Tensor raw, Tensor value)
    {
        if (IsDiscrete)
        {
            return (Categorical.LogProbability(raw, value), Categorical.Entropy(raw));
        }

        var normal = Normal(raw);
        return (normal.LogProbability(value), normal.Entropy());
    }

    private static TruncatedNormal Normal(Tensor raw)
    {
        var halves = raw.chunk(2, -1);
        return TruncatedNormal.FromRaw(halves[0], halves[1]);
    }
}
