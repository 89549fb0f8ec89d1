using Dreamer.Contracts.V1;

namespace Dreamer.Operations;

/// <summary>All that is known of a run at one moment; what nobody can tell is null. Printed as JSON with these names in snake case.</summary>
internal sealed record RunStatus
{
    /// <summary>Task, agent and seed.</summary>
    public string? Run { get; init; }

    public string? Logdir { get; init; }

    /// <summary>URL of the replay service, null for a run in one process.</summary>
    public string? Replay { get; init; }

    /// <summary>Whether a learner writes to the logdir.</summary>
    public bool? Running { get; init; }

    public bool Draining { get; init; }

    /// <summary>Environment steps, frames included, of the run.</summary>
    public long? Step { get; init; }

    public long? Steps { get; init; }

    public long? Updates { get; init; }

    public double? EtaSeconds { get; init; }

    /// <summary>Mean of the last 20 training episodes.</summary>
    public double? Score { get; init; }

    /// <summary>Newest evaluated episode.</summary>
    public double? EvalScore { get; init; }

    public RatesPart? Rates { get; init; }

    public LimiterPart? Limiter { get; init; }

    public WeightsPart? Weights { get; init; }

    public StorePart? Store { get; init; }

    public CheckpointPart? Checkpoint { get; init; }

    public LearnerPart? Learner { get; init; }

    public IReadOnlyList<ActorPart> Actors { get; init; } = [];

    public IReadOnlyList<EvaluatorStatus> Evaluators { get; init; } = [];

    /// <summary>Per second.</summary>
    public sealed record RatesPart(double StepsIn, double StepsReplayed, double? Updates);

    /// <summary>Steps owed to the learner, and who waits for whom.</summary>
    public sealed record LimiterPart(double TrainRatio, double TrainRatioTarget, double Credit, int ActorsWaiting, int LearnerWaiting, long Stalls, double DroppedCredit);

    public sealed record WeightsPart(long Version, long Step, double AgeSeconds, long Behind);

    public sealed record StorePart(
        string Kind, long Chunks, long Steps, long CapacitySteps, long Bytes, long CapacityBytes, int Streams, long Items, int NotDurable, bool Full,
        long Duplicates, long Gaps, long Refused, long Lost, long Evicted);

    public sealed record CheckpointPart(long Updates, double AgeSeconds);

    /// <summary>Attached, and for how long silent; after it has left, with a checkpoint of how many updates.</summary>
    public sealed record LearnerPart(bool Attached, double SilentSeconds, long? SavedUpdates);

    /// <summary>One actor; the last two are the time from sending a chunk until its acknowledgement came, median and 95 %.</summary>
    public sealed record ActorPart(
        string Actor, long Streams, long Steps, double StepsPerSecond, long PolicyVersion, double SilentSeconds, double? AckP50Seconds, double? AckP95Seconds);

    /// <summary>Puts together what files and service say.</summary>
    /// <param name="files">Of the run, null where no logdir was named.</param>
    /// <param name="address">The service's, null for a run in one process.</param>
    /// <param name="before">The service's figures a while ago.</param>
    /// <param name="now">Its figures now.</param>
    /// <param name="seconds">Between the two.</param>
    public static RunStatus Of(RunFiles? files, string? address, StatusReply? before, StatusReply? now, double seconds)
    {
        var metrics = files?.Metrics() ?? new Dictionary<string, double>();
        double? Metric(string name) => metrics.TryGetValue(name, out var value) ? value : null;
        var repeat = files?.ActionRepeat ?? 1;
        var rates = now is null || before is null || seconds <= 0
            ? Metric("fps/policy") is { } frames ? new RatesPart(frames / repeat, Metric("fps/train") ?? 0, Metric("fps/updates")) : null
            : new RatesPart((now.InsertedSteps - before.InsertedSteps) / seconds, (now.ReplayedSteps - before.ReplayedSteps) / seconds, Metric("fps/updates"));
        var step = now is null ? (long?)Metric("step") : now.InsertedSteps * repeat;
        var checkpoint = files?.Checkpoint;
        return new RunStatus
        {
            Run = files?.Name,
            Logdir = files?.Directory,
            Replay = address,
            Running = files?.InUse,
            Draining = now?.Draining ?? false,
            Step = step,
            Steps = files?.Steps,
            Updates = (long?)Metric("train/updates"),
            EtaSeconds = files is not null && step is { } at && rates is { StepsIn: > 0 } ? Math.Max(0, files.Steps - at) / (rates.StepsIn * repeat) : null,
            Score = Metric("episode/score"),
            EvalScore = Metric("eval/score"),
            Rates = rates,
            Limiter = now is null ? null : new LimiterPart(
                now.RealisedRatio, now.TargetRatio, now.Credit, now.WaitingInserts, now.WaitingSamples, now.Stalls, now.DroppedCredit),
            Weights = now is null or { WeightsVersion: < 0 } ? null : new WeightsPart(
                now.WeightsVersion, now.WeightsSteps * repeat, now.WeightsAgeSeconds,
                now.Actors.Where(actor => actor.PolicyVersion >= 0).Select(actor => now.WeightsVersion - actor.PolicyVersion).DefaultIfEmpty().Max()),
            Store = now is null ? null : new StorePart(
                now.Store, now.Chunks, now.Steps, now.CapacitySteps, now.Bytes, now.CapacityBytes, now.Streams, now.Items, now.NotDurable, now.StoreFull,
                now.Duplicates, now.Gaps, now.Refused, now.LostChunks, now.EvictedChunks),
            Checkpoint = checkpoint is { } saved ? new CheckpointPart(saved.Updates, (DateTime.UtcNow - saved.Saved).TotalSeconds) : null,
            Learner = now?.Learner is { } learner
                ? new LearnerPart(learner.Attached, learner.SecondsSinceCall, learner.Updates >= 0 ? learner.Updates : null)
                : null,
            Actors = now is null ? [] : [.. now.Actors.Select(actor => new ActorPart(
                actor.Actor, actor.Streams, actor.Steps,
                before?.Actors.FirstOrDefault(earlier => earlier.Actor == actor.Actor) is { } earlier && seconds > 0 ? (actor.Steps - earlier.Steps) / seconds : 0,
                actor.PolicyVersion, actor.SecondsSinceChunk, Known(actor.AckP50Seconds), Known(actor.AckP95Seconds)))],
            Evaluators = now is null ? [] : [.. now.Evaluators],
        };
    }

    private static double? Known(double seconds) => seconds > 0 ? seconds : null;
}
