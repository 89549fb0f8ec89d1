using Dreamer.Agents.Distributions;
using Dreamer.Spaces;
using static TorchSharp.torch;

namespace Dreamer.Agents.Nets;

/// <summary>Feature to a distribution over actions: categorical with unimix, or bounded normal (spec 5.5).</summary>
public sealed class PolicyHead
{
    private const double OutputScale = 0.01;
    private readonly Mlp hidden;
    private readonly Linear[] outputs;
    private readonly ActionSpec action;
    private readonly double unimix;

    public PolicyHead(ParameterSet set, string name, int features, int units, int layers, ActionSpec action, double unimix, double epsilon)
    {
        (this.action, this.unimix) = (action, unimix);
        hidden = new Mlp(set, $"{name}/mlp", features, units, layers, epsilon);
        string[] names = IsDiscrete ? ["logit"] : ["mean", "std"];
        outputs = [.. names.Select(output => new Linear(set, $"{name}/{output}", hidden.Outputs, action.Size, OutputScale))];
    }

    private bool IsDiscrete => action.Kind == ActionKind.Discrete;

    /// <summary>Raw outputs for features [..., F]: one or two tensors [..., A].</summary>
    public Tensor[] Apply(Tensor feature)
    {
        var x = hidden.Apply(feature);
        return [.. outputs.Select(output => output.Apply(x))];
    }

    /// <summary>Random numbers for <paramref name="rows"/> samples.</summary>
    public Tensor Noise(long rows, Generator generator, Device device, ScalarType dtype) => IsDiscrete
        ? empty([rows, 1], dtype, device).uniform_(0, 1, generator)
        : empty([rows, action.Size], dtype, device).normal_(0, 1, generator);

    /// <summary>An action [N, A] from raw outputs [N, A] and <see cref="Noise"/>: one-hot, or an unclipped normal sample.</summary>
    public Tensor Sample(Tensor[] raw, Tensor noise) => IsDiscrete
        ? OneHot.Sample(raw[0], noise, unimix)
        : BoundedNormal.FromRaw(raw[0], raw[1]).Sample(noise);

    /// <summary>Log-probability of actions [..., A], and entropy in nats, both summed over the action dimensions: [...].</summary>
    public (Tensor LogProbability, Tensor Entropy) Score(Tensor[] raw, Tensor value)
    {
        if (IsDiscrete)
        {
            return (OneHot.LogProbability(raw[0], value, unimix), OneHot.Entropy(raw[0], unimix));
        }

        var normal = BoundedNormal.FromRaw(raw[0], raw[1]);
        return (normal.LogProbability(value), normal.Entropy());
    }
}
