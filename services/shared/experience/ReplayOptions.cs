namespace Dreamer.Experience;

/// <summary>Settings of the replay, section <c>replay</c>.</summary>
public sealed record ReplayOptions
{
    /// <summary>Most steps of one chunk.</summary>
    public int ChunkSteps { get; init; } = 64;

    /// <summary>Stored bytes kept; older chunks go.</summary>
    public long CapacityBytes { get; init; } = 4L << 30;

    /// <summary>Steps kept; older chunks go.</summary>
    public long CapacitySteps { get; init; } = 5_000_000;

    /// <summary>Batches of credit above which actors wait for the learner.</summary>
    public double ToleranceBatches { get; init; } = 4;

    /// <summary>Batches that are drawn before actors go on, once enough windows exist.</summary>
    public long PretrainBatches { get; init; } = 1;

    /// <summary>Steps that actors may insert before any learner has attached.</summary>
    public long HeadStartSteps { get; init; } = 10_000;

    /// <summary>Most credit that a learner catches up after an outage, in replayed steps.</summary>
    public double MaxCatchUpSteps { get; init; } = double.PositiveInfinity;

    /// <summary>Plans that may be out at once; the oldest is released beyond.</summary>
    public int MaxOutstandingPlans { get; init; } = 64;

    /// <summary>Streams remembered; those whose chunks are all gone are forgotten first.</summary>
    public int MaxStreams { get; init; } = 1_000_000;

    /// <summary>Draws each stream's newest windows first.</summary>
    public bool OnlineQueue { get; init; } = true;

    /// <summary>Most of a batch that they take, as a share in (0, 1]; at least one window. PlaNet takes half.</summary>
    public double OnlineShare { get; init; } = 1;

    /// <summary>How the other windows are drawn.</summary>
    public SelectorOptions Selectors { get; init; } = new();

    /// <summary>How the priorities of steps make the weight of a window.</summary>
    public PriorityOptions Priorities { get; init; } = new();

    /// <summary>How image columns are stored.</summary>
    public ChunkCompression Compression { get; init; } = ChunkCompression.Auto;

    /// <summary>Both sides waiting for this long raises <see cref="ReplayBuffer.Warning"/>.</summary>
    public TimeSpan StallAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Refuses values that cannot work.</summary>
    /// <exception cref="ArgumentException">Names the setting.</exception>
    public void Validate()
    {
        Require(ChunkSteps is >= 1 and <= 65536, "replay.chunk_steps must be 1 to 65536");
        Require(CapacityBytes > 0, "replay.capacity_bytes must be greater than 0");
        Require(CapacitySteps > 0, "replay.capacity_steps must be greater than 0");
        Require(ToleranceBatches >= 1, "limiter.tolerance_batches must be at least 1: below, actors and learner would wait for each other");
        Require(PretrainBatches >= 1, "limiter.pretrain_batches must be at least 1: the first batch is what training begins with");
        Require(HeadStartSteps >= 1, "limiter.head_start_steps must be at least 1");
        Require(MaxCatchUpSteps >= 0, "limiter.max_catch_up_steps must not be negative");
        Require(OnlineShare is > 0 and <= 1, "replay.online_share must lie above 0 and not above 1; --replay.online false draws no new windows first");
        Selectors.Validate();
        Require(MaxStreams >= 1, "replay.limits.streams must be at least 1");
        Priorities.Validate();
        Require(MaxOutstandingPlans >= 1, "replay.max_outstanding_plans must be at least 1");
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new ArgumentException(message);
        }
    }
}
