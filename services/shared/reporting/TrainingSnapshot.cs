namespace Dreamer.Reporting;

/// <summary>What the live view shows at one moment.</summary>
public sealed record TrainingSnapshot
{
    /// <summary>Environment steps (frames) so far.</summary>
    public long EnvSteps { get; init; }

    /// <summary>Environment steps at which training ends.</summary>
    public long TotalSteps { get; init; }

    /// <summary>Updates so far.</summary>
    public long Updates { get; init; }

    /// <summary>Finished episodes so far.</summary>
    public long Episodes { get; init; }

    /// <summary>Mean score of the last 20 episodes; null before the first.</summary>
    public double? Score { get; init; }

    /// <summary>Mean length of the last 20 episodes, agent steps; null before the first.</summary>
    public double? EpisodeLength { get; init; }

    /// <summary>Environment steps per second, recently.</summary>
    public double StepsPerSecond { get; init; }

    /// <summary>Updates per second, recently.</summary>
    public double UpdatesPerSecond { get; init; }

    /// <summary>Replayed steps per environment step, achieved since training began; null before the first update.</summary>
    public double? TrainRatio { get; init; }

    /// <summary>Replayed steps per environment step, asked for.</summary>
    public double TargetTrainRatio { get; init; }

    /// <summary>Newest losses by name, in the order to show.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> Losses { get; init; } = [];

    /// <summary>Time to the last step at the recent speed; null while unknown.</summary>
    public TimeSpan? Remaining { get; init; }

    /// <summary>Latest event worth a line, e.g. a saved checkpoint; empty for none.</summary>
    public string Note { get; init; } = "";
}
