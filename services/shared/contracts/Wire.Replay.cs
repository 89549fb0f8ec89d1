using System.Collections.Immutable;
using Dreamer.Experience;
using Google.Protobuf;

namespace Dreamer.Contracts;

/// <content>Between learner and replay service.</content>
public static partial class Wire
{
    private const long MaxBatchSteps = 1 << 26;
    private const double MaxTrainRatio = 1e6;
    private const long MaxCount = 1L << 53;

    public static V1.AttachRequest ToMessage(this LearnerHello hello)
    {
        var message = new V1.AttachRequest
        {
            Schema = hello.Schema.ToMessage(),
            BatchSize = hello.BatchSize,
            WindowLength = hello.Length,
            Context = hello.Context,
            TrainRatio = hello.TrainRatio,
            Seed = hello.Seed,
            Draws = hello.Draws,
            MinItems = hello.MinItems,
        };
        if (hello.ReplayedSteps is { } replayed)
        {
            message.ReplayedSteps = replayed;
        }

        return message;
    }

    /// <exception cref="InvalidMessageException">A field is out of range.</exception>
    public static LearnerHello ToHello(this V1.AttachRequest message)
    {
        Require(message.BatchSize is > 0 and <= 65_536, "batch_size must be 1 to 65536");
        Require(message.WindowLength is > 0 and <= 65_536, "window_length must be 1 to 65536");
        Require(message.Context >= 0 && message.Context < message.WindowLength, "context must be smaller than window_length");
        Require((long)message.BatchSize * message.WindowLength <= MaxBatchSteps, $"a batch has at most {MaxBatchSteps:N0} steps");
        Require(message.TrainRatio is > 0 and <= MaxTrainRatio, $"train_ratio must be above 0 and at most {MaxTrainRatio:N0}");
        Require(
            message.ReplayedSteps is >= 0 and <= MaxCount && message.Draws is >= 0 and <= MaxCount && message.MinItems is >= 0 and <= MaxCount,
            "counters must not be negative, nor larger than any run could make them");
        return new LearnerHello(
            message.Schema.ToSchema(),
            message.BatchSize,
            message.WindowLength,
            message.Context,
            message.TrainRatio,
            message.Seed,
            message.HasReplayedSteps ? message.ReplayedSteps : null,
            message.Draws,
            message.MinItems);
    }

    public static V1.AttachReply ToMessage(this LearnerWelcome welcome) => new()
    {
        InsertedSteps = welcome.InsertedSteps,
        Items = welcome.Items,
        Credit = welcome.Credit,
        DroppedCredit = welcome.DroppedCredit,
        Instance = ByteString.CopyFrom(welcome.Instance.ToByteArray()),
        WantsPriorities = welcome.WantsPriorities,
    };

    public static LearnerWelcome ToWelcome(this V1.AttachReply message) => new(
        message.InsertedSteps, message.Items, message.Credit, message.DroppedCredit, new Guid(message.Instance.Span), message.WantsPriorities);

    /// <summary>Adds priorities that belong to a life of the replay.</summary>
    public static void Take(this V1.SampleRequest message, IReadOnlyCollection<StepPriorities> updates, Guid instance)
    {
        if (updates.Count > 0)
        {
            message.Instance = ByteString.CopyFrom(instance.ToByteArray());
            message.Priorities.AddRange(updates.Select(update => new V1.StepPriorities { Chunk = update.Chunk, Offset = update.Offset, Values = { update.Values } }));
        }
    }

    /// <summary>The priorities, and the life of the replay that they belong to.</summary>
    /// <exception cref="InvalidMessageException">A field is out of range.</exception>
    public static (Guid Instance, ImmutableArray<StepPriorities> Updates) ToPriorities(this V1.SampleRequest message)
    {
        Require(message.Priorities.Count == 0 || message.Instance.Length == 16, "instance must have 16 bytes where there are priorities");
        return message.Priorities.Count == 0
            ? (Guid.Empty, [])
            : (new Guid(message.Instance.Span), [.. message.Priorities.Select(update => new StepPriorities(update.Chunk, update.Offset, [.. update.Values]))]);
    }

    public static V1.BatchPlan ToMessage(this BatchPlan plan)
    {
        var message = new V1.BatchPlan
        {
            Id = plan.Id,
            InsertedSteps = plan.InsertedSteps,
            ReplayedSteps = plan.ReplayedSteps,
            Draws = plan.Draws,
            Items = plan.Items,
            CountedFrom = plan.CountedFrom,
            Traceparent = TraceParent.Write(plan.Trace),
        };
        message.Chunks.AddRange(plan.Chunks);
        foreach (var window in plan.Windows)
        {
            var item = new V1.Window { Offset = window.Offset, Length = window.Length, Abandoned = window.Abandoned };
            item.Chunks.AddRange(window.Chunks);
            message.Windows.Add(item);
        }

        message.Episodes.AddRange(plan.Episodes.Select(episode => new V1.FinishedEpisode
        {
            InsertedSteps = episode.InsertedSteps,
            Return = episode.Return,
            Length = episode.Length,
            Facts = { ToMessages(episode.Facts) },
        }));
        message.Evaluations.AddRange(plan.Evaluations.Select(ToMessage));
        return message;
    }

    public static V1.EvaluatedEpisode ToMessage(this EvaluatedEpisode episode) => new()
    {
        PolicyVersion = episode.PolicyVersion,
        PolicySteps = episode.PolicySteps,
        Return = episode.Return,
        Length = episode.Length,
        Facts = { ToMessages(episode.Facts) },
    };

    public static EvaluatedEpisode ToEpisode(this V1.EvaluatedEpisode message) =>
        new(message.PolicyVersion, message.PolicySteps, message.Return, message.Length, ToFacts(message.Facts));

    public static BatchPlan ToPlan(this V1.BatchPlan message) => new(
        message.Id,
        [.. message.Windows.Select(window => new Window([.. window.Chunks], window.Offset, window.Length, window.Abandoned))],
        [.. message.Chunks],
        [.. message.Episodes.Select(episode => new FinishedEpisode(episode.InsertedSteps, episode.Return, episode.Length, ToFacts(episode.Facts)))],
        message.InsertedSteps,
        message.ReplayedSteps,
        message.Draws,
        message.Items)
    {
        CountedFrom = message.CountedFrom,
        Trace = TraceParent.Read(message.Traceparent),
        Evaluations = [.. message.Evaluations.Select(ToEpisode)],
    };

    public static V1.StatusReply ToMessage(this ReplayStatus status) => new()
    {
        Items = status.Items,
        Chunks = status.Chunks,
        Steps = status.Steps,
        Bytes = status.Bytes,
        Streams = status.Streams,
        InsertedSteps = status.InsertedSteps,
        ReplayedSteps = status.ReplayedSteps,
        Credit = status.Credit,
        TargetRatio = status.TargetRatio,
        RealisedRatio = status.RealisedRatio,
        WaitingInserts = status.WaitingInserts,
        WaitingSamples = status.WaitingSamples,
        InsertWaitSeconds = status.InsertWait.TotalSeconds,
        SampleWaitSeconds = status.SampleWait.TotalSeconds,
        OnlineWindows = status.OnlineWindows,
        OutstandingPlans = status.OutstandingPlans,
        CommittedChunks = status.CommittedChunks,
        EvictedChunks = status.EvictedChunks,
        Duplicates = status.Duplicates,
        Gaps = status.Gaps,
        Refused = status.Refused,
        LostChunks = status.LostChunks,
        Stalls = status.Stalls,
        NotDurable = status.NotDurable,
        StoreFull = status.StoreFull,
        DroppedCredit = status.DroppedCredit,
    };

    public static ReplayStatus ToStatus(this V1.StatusReply message) => new()
    {
        Items = message.Items,
        Chunks = message.Chunks,
        Steps = message.Steps,
        Bytes = message.Bytes,
        Streams = message.Streams,
        InsertedSteps = message.InsertedSteps,
        ReplayedSteps = message.ReplayedSteps,
        Credit = message.Credit,
        TargetRatio = message.TargetRatio,
        RealisedRatio = message.RealisedRatio,
        WaitingInserts = message.WaitingInserts,
        WaitingSamples = message.WaitingSamples,
        InsertWait = TimeSpan.FromSeconds(message.InsertWaitSeconds),
        SampleWait = TimeSpan.FromSeconds(message.SampleWaitSeconds),
        OnlineWindows = message.OnlineWindows,
        OutstandingPlans = message.OutstandingPlans,
        CommittedChunks = message.CommittedChunks,
        EvictedChunks = message.EvictedChunks,
        Duplicates = message.Duplicates,
        Gaps = message.Gaps,
        Refused = message.Refused,
        LostChunks = message.LostChunks,
        Stalls = message.Stalls,
        NotDurable = message.NotDurable,
        StoreFull = message.StoreFull,
        DroppedCredit = message.DroppedCredit,
    };
}
