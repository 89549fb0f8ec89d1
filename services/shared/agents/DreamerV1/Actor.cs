using Dreamer.Agents.Distributions;
using Dreamer.Agents.Nets;
using Dreamer.Spaces;
using static TorchSharp.torch;

namespace Dreamer.Agents.DreamerV1;

/// <summary>Feature to actions with a gradient: a squashed normal, or a one-hot category by straight-through (spec 3.2).</summary>
public sealed class Actor
{
    private readonly PlainMlp net;
    private readonly ActionSpec action;

    public Actor(ParameterSet set, int features, int units, int layers, ActionSpec action)
    {
        this.action = action;
        net = new PlainMlp(set, "actor", features, units, layers, Activation.Elu, IsDiscrete ? action.Size : 2 * action.Size);
    }

    private bool IsDiscrete => action.Kind == ActionKind.Discrete;

    /// <summary>Random numbers for <paramref name="rows"/> samples.</summary>
    public Tensor Noise(long rows, Generator generator, Device device, ScalarType dtype) => IsDiscrete
        ? empty([rows, 1], dtype, device).uniform_(0, 1, generator)
        : empty([rows, action.Size], dtype, device).normal_(0, 1, generator);

    /// <summary>Raw outputs for features [N, F]: logits [N, A], or means and standard deviations before their bounds [N, 2A].</summary>
    public Tensor Apply(Tensor feature) => net.Apply(feature);

    /// <summary>Actions [N, A] from raw outputs and <see cref="Noise"/>.</summary>
    public Tensor Sample(Tensor raw, Tensor noise)
    {
        if (IsDiscrete)
        {
            return OneHot.Sample(raw, noise, unimix: 0);
        }

        var halves = raw.chunk(2, -1);
        return TanhNormal.FromRaw(halves[0], halves[1]).Sample(noise);
    }
}
