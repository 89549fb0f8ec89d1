namespace Dreamer.Experience;

/// <summary>Figures of the replay at one moment; counters count since the process started unless they say otherwise.</summary>
public sealed record ReplayStatus
{
    /// <summary>Windows that can be drawn.</summary>
    public long Items { get; init; }

    /// <summary>Chunks in the index.</summary>
    public long Chunks { get; init; }

    /// <summary>Steps in the index.</summary>
    public long Steps { get; init; }

    /// <summary>Stored bytes in the index.</summary>
    public long Bytes { get; init; }

    /// <summary>Streams known.</summary>
    public int Streams { get; init; }

    /// <summary>Steps ever inserted, over all restarts.</summary>
    public long InsertedSteps { get; init; }

    /// <summary>Steps replayed by the run of the attached learner.</summary>
    public long ReplayedSteps { get; init; }

    /// <summary>Replayed steps owed.</summary>
    public double Credit { get; init; }

    /// <summary>Train ratio asked for, 0 before a learner attached.</summary>
    public double TargetRatio { get; init; }

    /// <summary>Train ratio reached since counting began.</summary>
    public double RealisedRatio { get; init; }

    /// <summary>Inserts waiting for the learner now.</summary>
    public int WaitingInserts { get; init; }

    /// <summary>Draws waiting for actors now.</summary>
    public int WaitingSamples { get; init; }

    /// <summary>Time that inserts waited, in all.</summary>
    public TimeSpan InsertWait { get; init; }

    /// <summary>Time that draws waited, in all.</summary>
    public TimeSpan SampleWait { get; init; }

    /// <summary>Windows in the online queue.</summary>
    public int OnlineWindows { get; init; }

    /// <summary>Plans not released.</summary>
    public int OutstandingPlans { get; init; }

    /// <summary>Chunks committed.</summary>
    public long CommittedChunks { get; init; }

    /// <summary>Chunks evicted.</summary>
    public long EvictedChunks { get; init; }

    /// <summary>Chunks dropped because they were there already.</summary>
    public long Duplicates { get; init; }

    /// <summary>Chunks refused because an earlier one is missing.</summary>
    public long Gaps { get; init; }

    /// <summary>Chunks refused as invalid.</summary>
    public long Refused { get; init; }

    /// <summary>Chunks committed and not known to be durable.</summary>
    public int NotDurable { get; init; }

    /// <summary>Chunks that the store lost in a restart.</summary>
    public long LostChunks { get; init; }

    /// <summary>Times that both sides waited for each other.</summary>
    public long Stalls { get; init; }

    /// <summary>The store refused the last commit for lack of room.</summary>
    public bool StoreFull { get; init; }

    /// <summary>Credit given up after outages, in replayed steps.</summary>
    public double DroppedCredit { get; init; }
}
