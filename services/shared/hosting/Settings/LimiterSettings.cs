using System.ComponentModel.DataAnnotations;

namespace Dreamer.Hosting.Settings;

/// <summary>Section <c>limiter</c>: how fast the learner replays what actors insert.</summary>
public sealed record LimiterSettings
{
    /// <summary>Replayed steps per environment step.</summary>
    [Range(1e-6, 1e6)]
    public double TrainRatio { get; init; }

    /// <summary>Batches of credit above which actors wait.</summary>
    [Range(1.0, 1e9)]
    public double ToleranceBatches { get; init; }

    /// <summary>Windows needed before the first update, 0 for one batch's worth of steps.</summary>
    [Range(0, 1e12)]
    public long MinItems { get; init; }

    /// <summary>Batches trained on when that many exist, before actors go on.</summary>
    [Range(1, 1e9)]
    public long PretrainBatches { get; init; }

    /// <summary>Steps that actors may insert before any learner has attached.</summary>
    [Range(1, 1e12)]
    public long HeadStartSteps { get; init; }

    /// <summary>Replayed steps that a learner catches up at most after an outage.</summary>
    [Range(0.0, 1e18)]
    public double MaxCatchUpSteps { get; init; }
}
