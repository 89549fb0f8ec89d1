using System.Collections.Immutable;
using System.Text.Json;
using Dreamer.Spaces;

namespace Dreamer.Policies;

/// <summary>Uniform actions: what acts until training begins, and the baseline that a trained policy must beat. Has no state and no weights.</summary>
public sealed class RandomPolicy(ActionSpec action, int slots, ulong seed) : IPolicy
{
    /// <summary>Value of <see cref="PolicyManifest.Agent"/>.</summary>
    public const string Kind = "random";

    private readonly ulong[] _draws = new ulong[slots];

    public string Agent => Kind;

    public int Slots => slots;

    public long Version { get; private set; } = -1;

    public ImmutableArray<TensorSpec> RecordedState => [];

    /// <summary>What tells actors to act at random, under the given version.</summary>
    public static PolicyBlob Blob(EnvironmentSpec environment, long version) =>
        new PolicyBlobBuilder(Kind, environment, JsonDocument.Parse("{}").RootElement, []).Build(version);

    /// <summary>The policy that a blob of this kind asks for.</summary>
    /// <exception cref="PolicyFormatException">The blob is damaged.</exception>
    public static RandomPolicy Open(PolicyBlob blob, int slots, ulong seed)
    {
        blob.Verify();
        var policy = new RandomPolicy(PolicyManifest.Parse(blob.Manifest.Span).ParseEnvironment().Action, slots, seed);
        policy.Load(blob);
        return policy;
    }

    /// <summary>Takes the version; whatever was learned, the actions stay uniform.</summary>
    public void Load(PolicyBlob blob) => Version = blob.Version;

    public void Act(ReadOnlySpan<int> slots, ReadOnlySpan<TimeStep> steps, Span<float> actions)
    {
        if (actions.Length != slots.Length * action.Size)
        {
            throw new ArgumentException($"{actions.Length} action values for {slots.Length} slots of action {action}.", nameof(actions));
        }

        for (var i = 0; i < slots.Length; i++)
        {
            Draw(slots[i], actions.Slice(i * action.Size, action.Size));
        }
    }

    public void CopyState(int slot, ReadOnlySpan<byte[]> into)
    {
    }

    private void Draw(int slot, Span<float> into)
    {
        if (action.Kind == ActionKind.Discrete)
        {
            Span<float> uniform = stackalloc float[1];
            CounterRandom.Fill(seed, (uint)slot, _draws[slot]++, uniform);
            into.Clear();
            into[(int)(uniform[0] * into.Length)] = 1;
            return;
        }

        CounterRandom.Fill(seed, (uint)slot, _draws[slot]++, into);
        foreach (ref var value in into)
        {
            value = 2 * value - 1;
        }
    }
}
