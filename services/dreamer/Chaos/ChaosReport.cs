namespace Dreamer.Chaos;

/// <summary>What became of a run in which everything was killed again and again.</summary>
internal sealed record ChaosReport
{
    /// <summary>Unsent records that a killed actor may take with it per environment: a chunk and the step that closes it.</summary>
    public const int HeldPerEnvironment = 65;

    /// <summary>Seconds from the first process to the last.</summary>
    public required double Seconds { get; init; }

    /// <summary>kill -9 by role.</summary>
    public required IReadOnlyDictionary<string, int> Kills { get; init; }

    /// <summary>SIGTERM by role.</summary>
    public required IReadOnlyDictionary<string, int> Terminations { get; init; }

    /// <summary>SIGSTOP for 1 to 14 s by role.</summary>
    public required IReadOnlyDictionary<string, int> Freezes { get; init; }

    /// <summary>Records that environments handed out, less those that never left their actor.</summary>
    public required long StepsSent { get; init; }

    /// <summary>Records that Redis holds in the end.</summary>
    public required long StepsStored { get; init; }

    /// <summary>Records that are not there and should be.</summary>
    public required long Lost { get; init; }

    /// <summary>Records that are there twice.</summary>
    public required long Duplicated { get; init; }

    /// <summary>Records that are not what was handed out.</summary>
    public required long Altered { get; init; }

    /// <summary>Records out of their stream's order.</summary>
    public required long Disordered { get; init; }

    /// <summary>Newest records of actors that were killed or ended, which they had not got rid of.</summary>
    public required long Unsent { get; init; }

    /// <summary>The most of these per environment where nothing else was failing.</summary>
    public required long UnsentMostWhenCalm { get; init; }

    /// <summary>The most of these per environment where the service or Redis was down as well.</summary>
    public required long UnsentMost { get; init; }

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
