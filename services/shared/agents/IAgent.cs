using System.Collections.Immutable;
using Dreamer.Agents.Checkpoints;
using Dreamer.Experience;
using Dreamer.Policies;
using Dreamer.Spaces;

namespace Dreamer.Agents;

/// <summary>One generation of the family as the learner sees it. Not thread safe.</summary>
public interface IAgent : IDisposable
{
    /// <summary>Windows per batch (B).</summary>
    int BatchSize { get; }

    /// <summary>Trained steps per window (T).</summary>
    int BatchLength { get; }

    /// <summary>Steps before the trained ones that a window must have; a batch is [B, Context + T].</summary>
    int Context { get; }

    /// <summary>Recurrent state that actors record with every step, and that the first step of a window brings along.</summary>
    ImmutableArray<TensorSpec> RecordedState { get; }

    /// <summary>Updates done so far, over all restarts.</summary>
    long Updates { get; }

    /// <summary>Whether <see cref="Train"/> tells the priorities of its steps.</summary>
    bool TellsPriorities => false;

    /// <summary>Elements of the trained parameters per module.</summary>
    IReadOnlyDictionary<string, long> ParameterCounts { get; }

    /// <summary>Tells of episodes that have ended since the last update; what their policies and environments say of them stands in their facts.</summary>
    void Hear(ImmutableArray<FinishedEpisode> episodes)
    {
    }

    /// <summary>One update from one batch.</summary>
    /// <param name="metrics">Whether to measure; measuring waits for the device.</param>
    TrainResult Train(Batch batch, bool metrics);

    /// <summary>What an actor needs, under the given version.</summary>
    PolicyBlob ExportPolicy(long version);

    /// <summary>
    /// Of image observations the open-loop predictions, a still and a film each, then a film of dreams in which the agent acts; empty when
    /// there are no images.
    /// </summary>
    IReadOnlyList<ReportImage> Report(Batch batch);

    /// <summary>Puts everything that training goes on from into a checkpoint.</summary>
    void Save(CheckpointWriter checkpoint);

    /// <summary>Takes it back; nothing changes when it does not fit.</summary>
    /// <exception cref="CheckpointMismatchException">A tensor is missing or has another shape.</exception>
    void Load(CheckpointReader checkpoint);
}
