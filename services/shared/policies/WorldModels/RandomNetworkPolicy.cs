using System.Collections.Immutable;
using Dreamer.Spaces;

namespace Dreamer.Policies.WorldModels;

/// <summary>
/// What gathers the frames that V and M learn from (spec 1.1). Continuous actions come from the same networks with random weights, drawn
/// anew for every episode, which drives smoothly and variedly; discrete ones are chosen at random and held for one to ten steps.
/// </summary>
public sealed class RandomNetworkPolicy : IPolicy
{
    /// <summary>Value of <see cref="PolicyManifest.Agent"/>.</summary>
    public const string Kind = "world_models_random";

    private const double LargestScale = 0.01;
    private const int LongestHold = 10;

    // Uniform numbers are multiples of 2^-24: without half a step more, one in 16 million would make an endless weight.
    private const double HalfStep = 1.0 / (1 << 25);

    // Above every slot: streams of random numbers for weights.
    private const uint WeightStream = 1u << 31;

    private readonly EnvironmentSpec _environment;
    private readonly WorldModelsSizes _sizes;
    private readonly ulong _seed;
    private readonly ulong[] _draws;
    private readonly (int Choice, int Left)[] _held;
    private readonly WorldModelsPolicy?[] _networks;

    private RandomNetworkPolicy(EnvironmentSpec environment, WorldModelsSizes sizes, int slots, ulong seed)
    {
        (_environment, _sizes, _seed) = (environment, sizes, seed);
        (_draws, _held, _networks) = (new ulong[slots], new (int, int)[slots], new WorldModelsPolicy?[slots]);
    }

    public string Agent => Kind;

    public int Slots => _draws.Length;

    public long Version { get; private set; } = -1;

    public ImmutableArray<TensorSpec> RecordedState => [];

    /// <summary>What tells actors to act so, under the given version.</summary>
    public static PolicyBlob Blob(EnvironmentSpec environment, WorldModelsSizes sizes, long version) =>
        new PolicyBlobBuilder(Kind, environment, WorldModelsFormat.Policy.Element(sizes), []).Build(version);

    /// <summary>The policy that a blob of this kind asks for.</summary>
    /// <exception cref="PolicyFormatException">The blob is damaged, or its sizes cannot be.</exception>
    public static RandomNetworkPolicy Open(PolicyBlob blob, int slots, ulong seed)
    {
        blob.Verify();
        var manifest = PolicyManifest.Parse(blob.Manifest.Span);
        var (environment, sizes) = (manifest.ParseEnvironment(), WorldModelsFormat.Policy.Sizes(manifest.Sizes) with { Candidates = 0 });
        _ = WorldModelsFormat.Tensors(environment, sizes);
        var policy = new RandomNetworkPolicy(environment, sizes, slots, seed);
        policy.Load(blob);
        return policy;
    }

    /// <summary>Takes the version: there is nothing else to take.</summary>
    public void Load(PolicyBlob blob) => Version = blob.Version;

    public void Act(ReadOnlySpan<int> slots, ReadOnlySpan<TimeStep> steps, Span<float> actions)
    {
        var size = _environment.Action.Size;
        if (steps.Length != slots.Length || actions.Length != slots.Length * size)
        {
            throw new ArgumentException($"{steps.Length} steps and {actions.Length} action values for {slots.Length} slots of action {_environment.Action}.", nameof(actions));
        }

        for (var i = 0; i < slots.Length; i++)
        {
            var action = actions.Slice(i * size, size);
            if (_environment.Action.Kind == ActionKind.Discrete)
            {
                Hold(slots[i], action);
            }
            else
            {
                Network(slots[i], steps[i].IsFirst).Act([0], steps.Slice(i, 1), action);
            }
        }
    }

    public void CopyState(int slot, ReadOnlySpan<byte[]> into)
    {
    }

    private void Hold(int slot, Span<float> action)
    {
        ref var held = ref _held[slot];
        if (held.Left == 0)
        {
            Span<float> uniform = stackalloc float[2];
            CounterRandom.Fill(_seed, (uint)slot, _draws[slot]++, uniform);
            held = ((int)(uniform[0] * action.Length), 1 + (int)(uniform[1] * LongestHold));
        }

        held.Left--;
        action.Clear();
        action[held.Choice] = 1;
    }

    private WorldModelsPolicy Network(int slot, bool begins)
    {
        ref var network = ref _networks[slot];
        if (network is null)
        {
            network = new WorldModelsPolicy(WorldModelsFormat.Policy.Open(Draw(slot)), slots: 1, _seed + 1 + (ulong)slot, PolicyPurpose.Evaluate);
        }
        else if (begins)
        {
            network.Load(Draw(slot));
        }

        return network;
    }

    // All weights standard Cauchy times a scale that is uniform per episode.
    private PolicyBlob Draw(int slot)
    {
        var builder = WorldModelsFormat.Policy.Builder(_environment, _sizes);
        var stream = WeightStream + (uint)slot;
        Span<float> scale = stackalloc float[1];
        CounterRandom.Fill(_seed, stream, _draws[slot]++, scale);
        foreach (var tensor in builder.Tensors)
        {
            var values = new float[tensor.Elements];
            CounterRandom.Fill(_seed, stream, _draws[slot]++, values);
            foreach (ref var value in values.AsSpan())
            {
                value = (float)(LargestScale * scale[0] * Math.Tan(Math.PI * (value + HalfStep - 0.5)));
            }

            builder.Add(tensor.Name, tensor.Shape, values);
        }

        return builder.Build(Version);
    }
}
