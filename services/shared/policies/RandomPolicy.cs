using System.Collections.Immutable;
using Dreamer.Spaces;

namespace Dreamer.Policies;

/// <summary>Uniform actions: prefill, and the baseline that a trained policy must beat. Has no state and no weights.</summary>
public sealed class RandomPolicy(ActionSpec action, int slots, ulong seed) : IPolicy
{
    private readonly ulong[] _draws = new ulong[slots];

    public int Slots => slots;

    public long Version => -1;

    public ImmutableArray<TensorSpec> RecordedState => [];

    /// <summary>Does nothing: whatever was learned, the actions stay uniform.</summary>
    public void Load(PolicyBlob blob)
    {
    }

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
