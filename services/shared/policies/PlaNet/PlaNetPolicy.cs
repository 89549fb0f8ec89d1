using System.Collections.Immutable;
using Dreamer.Policies.Gaussian;
using Dreamer.Spaces;

namespace Dreamer.Policies.PlaNet;

/// <summary>PlaNet's acting path (spec 2.5): posterior, a fresh plan at every step, and noise when collecting.</summary>
public sealed class PlaNetPolicy : IPolicy
{
    // Above every slot: streams of random numbers for actions.
    private const uint ActionStream = 1u << 31;

    private readonly EnvironmentSpec _environment;
    private readonly ulong _seed;
    private readonly PolicyPurpose _purpose;
    private readonly GaussianBelief _belief;
    private readonly CemPlanner _planner;
    private readonly float[] _noise;
    private PlaNetSizes _sizes;

    internal PlaNetPolicy(PolicyWeights<PlaNetSizes> weights, int slots, ulong seed, PolicyPurpose purpose)
    {
        (_environment, _sizes, _seed, _purpose) = (weights.Environment, weights.Sizes, seed, purpose);
        var nets = _sizes.Nets;
        _belief = new GaussianBelief(_environment, nets, slots, seed, Pixels(_sizes.ImageBits), prior: true);
        _planner = new CemPlanner(_sizes, _environment.Action.Size, nets.Tokens(new ObservationLayout(_environment)), seed + 1);
        _noise = new float[_environment.Action.Size];
        Load(weights);
    }

    public string Agent => PlaNetFormat.Agent;

    public int Slots => _belief.Slots;

    public long Version { get; private set; } = -1;

    public ImmutableArray<TensorSpec> RecordedState => [];

    /// <summary>State after the newest <see cref="Act"/>: for comparing with another implementation.</summary>
    internal GaussianBelief Belief => _belief;

    internal CemPlanner Planner => _planner;

    public void Load(PolicyBlob blob)
    {
        var weights = PlaNetFormat.Policy.Open(blob);
        if (weights.Sizes with { Exploration = _sizes.Exploration } != _sizes || !weights.Environment.Equals(_environment))
        {
            throw new PolicyFormatException(
                $"policy version {blob.Version} is for action {weights.Environment.Action}, {weights.Sizes}; this one runs {_environment.Action}, {_sizes}: restart the actor to change sizes or task.");
        }

        Load(weights);
    }

    public void Act(ReadOnlySpan<int> slots, ReadOnlySpan<TimeStep> steps, Span<float> actions)
    {
        _belief.Check(slots, steps, actions);
        _belief.Observe(slots, steps);
        var size = _environment.Action.Size;
        for (var row = 0; row < slots.Length; row++)
        {
            var action = actions.Slice(row * size, size);
            _planner.Plan(_belief.Features.Row(row), action);
            if (_purpose == PolicyPurpose.Collect)
            {
                CounterRandom.FillNormal(_seed, ActionStream + (uint)slots[row], _belief.NextDraw(slots[row]), _noise);
                ActionNoise.Add(action, _noise, _sizes.Exploration);
            }
        }

        _belief.Remember(slots, actions);
    }

    public void CopyState(int slot, ReadOnlySpan<byte[]> into)
    {
    }

    private void Load(PolicyWeights<PlaNetSizes> weights)
    {
        _belief.Load(weights);
        _planner.Load(weights);
        (_sizes, Version) = (weights.Sizes, weights.Version);
    }

    // The kept bits, centred; training adds noise of one step's width, here it is its mean (spec 2.2).
    private static float[] Pixels(int bits) =>
        [.. Enumerable.Range(0, 256).Select(value => ((value >> (8 - bits)) + 0.5f) / (1 << bits) - 0.5f)];
}
