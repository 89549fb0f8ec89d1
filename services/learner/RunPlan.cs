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

    /// <summary>Replayed steps that actors may run ahead.</summary>
    public required double Tolerance { get; init; }

    /// <summary>Agent steps before the first update.</summary>
    public required long MinSteps { get; init; }

    /// <summary>Seed of the window sampler.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Updates after which the run is done: every counted step replayed <see cref="TrainRatio"/> times.</summary>
    public long TotalUpdates => Math.Max(1, (long)((Steps - MinSteps) * TrainRatio / BatchSteps));
}
