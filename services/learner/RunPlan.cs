using Dreamer.Experience;

namespace Dreamer.Learner;

/// <summary>What a run is to do; derived from the configuration and the task.</summary>
public sealed record RunPlan
{
    /// <summary>What each stored step holds.</summary>
    public required Schema Schema { get; init; }

    /// <summary>Steps trained on in one update: B * T.</summary>
    public required int BatchSteps { get; init; }

    /// <summary>Agent steps of the run.</summary>
    public required long Steps { get; init; }

    /// <summary>Replayed steps per agent step.</summary>
    public required double TrainRatio { get; init; }

    /// <summary>Windows needed before the first update, 0 for one batch's worth of steps.</summary>
    public required long MinItems { get; init; }

    /// <summary>Updates done when that many windows exist.</summary>
    public long PretrainBatches { get; init; } = 1;

    /// <summary>Most steps of one chunk.</summary>
    public required int ChunkSteps { get; init; }

    /// <summary>Seed of the window sampler.</summary>
    public required ulong Seed { get; init; }

    /// <summary>
    /// Updates after which the run is done: the pretraining, and each step after those it began with replayed
    /// <see cref="TrainRatio"/> times.
    /// </summary>
    public long TotalUpdates => Math.Max(1, PretrainBatches - 1 + (long)((Steps - MinItems) * TrainRatio / BatchSteps));
}
