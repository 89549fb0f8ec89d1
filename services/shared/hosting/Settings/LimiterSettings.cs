using System.ComponentModel.DataAnnotations;

namespace Dreamer.Hosting.Settings;

/// <summary>Section <c>limiter</c>: how fast the learner replays what actors insert.</summary>
public sealed record LimiterSettings
{
    /// <summary>Replayed steps per environment step.</summary>
    [Range(1e-6, 1e6)]
    public double TrainRatio { get; init; }

    /// <summary>Replayed steps that actors may run ahead.</summary>
    [Range(0.0, 1e12)]
    public double Tolerance { get; init; }

    /// <summary>Environment steps before the first update, 0 for one batch.</summary>
    [Range(0, 1e12)]
    public long MinSize { get; init; }
}
