namespace Dreamer.Learner;

/// <summary>What a run counts beside the agent's own state; part of every checkpoint.</summary>
public sealed record LearnerProgress
{
    /// <summary>Newest weights version published.</summary>
    public long WeightsVersion { get; init; } = -1;

    /// <summary>Environment steps inserted when the newest batch was drawn.</summary>
    public long InsertedSteps { get; init; }

    /// <summary>Environment steps inserted when the rate limiter began to count: the train ratio counts from here.</summary>
    public long CountedFrom { get; init; }

    /// <summary>Random draws of the window sampler.</summary>
    public long Draws { get; init; }

    /// <summary>Windows that could be drawn.</summary>
    public long Items { get; init; }

    /// <summary>Seconds spent training or waiting for batches, over all lives of the run.</summary>
    public double TrainedSeconds { get; init; }
}
