namespace Dreamer.Chaos;

/// <summary>What became of a run in which everything was killed again and again.</summary>
internal sealed record ChaosReport
{
    /// <summary>Records that a killed actor may take with it per environment, by the setting <c>actor.held_steps</c>.</summary>
    public const int HeldPerEnvironment = 63;

    /// <summary>Seconds from the first process to the last.</summary>
    public required double Seconds { get; init; }

    /// <summary>kill -9 by role.</summary>
    public required IReadOnlyDictionary<string, int> Kills { get; init; }

    /// <summary>SIGTERM by role.</summary>
    public required IReadOnlyDictionary<string, int> Terminations { get; init; }

    /// <summary>SIGSTOP for 1 to 14 s by role.</summary>
    public required IReadOnlyDictionary<string, int> Freezes { get; init; }

    /// <summary>Times that an actor left at will, and was started anew.</summary>
    public required int Left { get; init; }

    /// <summary>Records per second that environments handed out while faults happened.</summary>
    public required double StepsPerSecond { get; init; }

    /// <summary>Records that environments handed out, by their ledgers.</summary>
    public required long StepsHandedOut { get; init; }

    /// <summary>Different records that Redis holds in the end.</summary>
    public required long StepsStored { get; init; }

    /// <summary>
    /// Records that are not there and should be: any with a later one behind it, any of an actor that lived, what a killed actor knew to be
    /// durable, and what it had more than its open chunks when it had handed everything in.
    /// </summary>
    public required long Lost { get; init; }

    /// <summary>Records that are there twice.</summary>
    public required long Duplicated { get; init; }

    /// <summary>Records that are not what was handed out.</summary>
    public required long Altered { get; init; }

    /// <summary>Records out of their stream's order.</summary>
    public required long Disordered { get; init; }

    /// <summary>Records that killed and ended actors knew to be durable, by what they said just before.</summary>
    public required long AcknowledgedOfKilled { get; init; }

    /// <summary>Actors that were killed or ended when they had handed everything in and nothing else was failing.</summary>
    public required int EndedCalm { get; init; }

    /// <summary>Newest records that those took with them.</summary>
    public required long UnsentCalm { get; init; }

    /// <summary>The most of these per environment.</summary>
    public required long UnsentCalmMost { get; init; }

    /// <summary>Actors that were killed or ended with chunks that the service had not accepted, because it or Redis was down or had just been.</summary>
    public required int EndedCutOff { get; init; }

    /// <summary>Newest records that those took with them: what they had buffered.</summary>
    public required long UnsentCutOff { get; init; }

    /// <summary>The most of these per environment.</summary>
    public required long UnsentCutOffMost { get; init; }

    /// <summary>Chunks that actors sent again after a reconnect.</summary>
    public required long ResentChunks { get; init; }

    /// <summary>Chunks that Redis had acknowledged and lost.</summary>
    public required long RewoundChunks { get; init; }

    /// <summary>Times that the learner went on from a checkpoint.</summary>
    public required int LearnerResumes { get; init; }

    /// <summary>Updates of the last checkpoint, each of <see cref="LedgerAgent.StepsPerUpdate"/> steps.</summary>
    public required long Updates { get; init; }

    /// <summary>Batches that were not what was handed out.</summary>
    public required int WrongBatches { get; init; }

    /// <summary>Train ratio asked for.</summary>
    public required double TargetRatio { get; init; }

    /// <summary>Replayed over inserted steps, by the last checkpoint.</summary>
    public required double RealisedRatio { get; init; }

    /// <summary>Whether the service kept its promises.</summary>
    public bool Kept => Lost + Duplicated + Altered + Disordered + WrongBatches == 0;
}
