using System.Collections.Immutable;
using Dreamer.Spaces;

namespace Dreamer.Policies;

/// <summary>
/// Chooses actions from observations with the weights of one agent, in managed code: an actor needs no tensor library.
/// Keeps the recurrent state of <see cref="Slots"/> environments. Not thread safe.
/// </summary>
public interface IPolicy
{
    /// <summary>Kind of agent whose weights it takes, as <see cref="PolicyManifest.Agent"/>.</summary>
    string Agent { get; }

    /// <summary>Environments served side by side.</summary>
    int Slots { get; }

    /// <summary>Version of the weights in use; -1 before the first <see cref="Load"/>.</summary>
    long Version { get; }

    /// <summary>Tensors of the recurrent state that are recorded with each step (V3: <c>deter</c> bfloat16 [D], <c>stoch</c> uint8 [S]); may be empty.</summary>
    ImmutableArray<TensorSpec> RecordedState { get; }

    /// <summary>Swaps the weights between two steps; the recurrent state is kept.</summary>
    /// <exception cref="PolicyFormatException">The blob does not fit this policy; the old weights stay in use.</exception>
    void Load(PolicyBlob blob);

    /// <summary>
    /// One step for a subset of the environments. Where a step has <c>IsFirst</c> the state and the previous action are zero.
    /// </summary>
    /// <param name="slots">Slot of each entry, distinct.</param>
    /// <param name="steps">What each environment shows, same length.</param>
    /// <param name="actions">[slots, A] row major, written: one-hot when discrete, unclipped sample when continuous.</param>
    void Act(ReadOnlySpan<int> slots, ReadOnlySpan<TimeStep> steps, Span<float> actions);

    /// <summary>Copies what <see cref="RecordedState"/> names for one slot, after <see cref="Act"/>: one buffer per tensor.</summary>
    void CopyState(int slot, ReadOnlySpan<byte[]> into);

    /// <summary>What the policy has to tell of the episode that a slot has just ended; read after <see cref="Act"/> at its last record, sent with the environment's own facts.</summary>
    IReadOnlyList<EpisodeFact> Facts(int slot) => [];

    /// <summary>Seed of the environment that the slot's next episode is to be played in; null where any will do. Asked once after <see cref="Act"/> at the last record of an episode.</summary>
    ulong? NextSeed(int slot) => null;
}
