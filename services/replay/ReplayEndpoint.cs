using System.Diagnostics;
using Dreamer.Contracts;
using Dreamer.Experience;
using Dreamer.Hosting.Settings;
using Dreamer.Policies;
using Grpc.Core;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.Replay;

/// <summary>Hands batch plans to the learner and answers operators.</summary>
public sealed class ReplayEndpoint(
    ReplayBuffer replay, ActorRegistry actors, Attendance attendance, Drain drain, WeightBoard weights, ReplaySettings settings, ReplayMetrics metrics)
    : V1.Replay.ReplayBase
{
    private static readonly TimeSpan DrainPeriod = TimeSpan.FromSeconds(0.5);

    /// <inheritdoc/>
    public override Task<V1.AttachReply> Attach(V1.AttachRequest request, ServerCallContext context)
    {
        var welcome = replay.Attach(request.ToHello());
        attendance.Attach();
        return Task.FromResult(welcome.ToMessage());
    }

    /// <inheritdoc/>
    public override Task<V1.DetachReply> Detach(V1.DetachRequest request, ServerCallContext context)
    {
        replay.Detach();
        attendance.Detach(request.Updates);
        drain.Pulse();
        return Task.FromResult(new V1.DetachReply());
    }

    /// <inheritdoc/>
    public override async Task<V1.BatchPlan> Sample(V1.SampleRequest request, ServerCallContext context)
    {
        foreach (var used in request.Release)
        {
            replay.Release(used);
        }

        foreach (var unread in request.Unread)
        {
            await replay.ReturnAsync(unread, context.CancellationToken);
        }

        var (instance, priorities) = request.ToPriorities();
        replay.Prioritize(instance, priorities);

        var start = Stopwatch.GetTimestamp();
        var dismissed = drain.Learner;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, dismissed);
        using var asking = attendance.Ask();
        try
        {
            ending.Token.ThrowIfCancellationRequested();
            if (!replay.HasLearner)
            {
                // It knows an earlier life of this service, and would wait for this one for ever.
                throw new RpcException(new Status(StatusCode.Unavailable, "this replay service has started since the learner attached: Attach comes first"));
            }

            var plan = await replay.SampleAsync(ending.Token);
            metrics.SampleWait(Stopwatch.GetElapsedTime(start));
            return plan.ToMessage();
        }
        catch (OperationCanceledException) when (dismissed.IsCancellationRequested && !context.CancellationToken.IsCancellationRequested)
        {
            return new V1.BatchPlan { Drain = true };
        }
    }

    /// <inheritdoc/>
    public override Task<V1.StatusReply> Status(V1.StatusRequest request, ServerCallContext context)
    {
        var reply = replay.Status().ToMessage();
        (reply.WeightsVersion, reply.WeightsSteps, reply.WeightsAgeSeconds) = (weights.Version, weights.Steps, weights.Age.TotalSeconds);
        reply.Store = settings.Store == StoreKind.Memory ? "memory" : $"redis {settings.Redis}";
        (reply.CapacitySteps, reply.CapacityBytes) = (settings.CapacitySteps, settings.CapacityBytes);
        (reply.Draining, reply.UptimeSeconds) = (drain.Active, attendance.Uptime.TotalSeconds);
        if (attendance.Learner is { } learner)
        {
            reply.Learner = new V1.LearnerStatus { Attached = learner.Attached, SecondsSinceCall = learner.Silence.TotalSeconds, Updates = learner.Updates };
        }

        reply.Actors.AddRange(actors.All.Select(actor =>
        {
            var (median, most) = actor.Acknowledgements;
            return new V1.ActorStatus
            {
                Actor = actor.Name,
                Streams = actor.Streams,
                Steps = actor.Steps,
                PolicyVersion = actor.PolicyVersion,
                SecondsSinceChunk = actor.Silence.TotalSeconds,
                AckP50Seconds = median,
                AckP95Seconds = most,
            };
        }));
        reply.Evaluators.AddRange(attendance.Evaluators.Select(evaluator => new V1.EvaluatorStatus
        {
            Actor = evaluator.Name,
            PolicyVersion = evaluator.PolicyVersion,
            PolicySteps = evaluator.PolicySteps,
            Score = evaluator.Score,
            Episodes = evaluator.Episodes,
            SecondsSinceReport = attendance.Silence(evaluator).TotalSeconds,
        }));
        return Task.FromResult(reply);
    }

    /// <inheritdoc/>
    public override async Task Drain(V1.DrainRequest request, IServerStreamWriter<V1.DrainProgress> replies, ServerCallContext context)
    {
        if (request.Cancel)
        {
            drain.Cancel();
            return;
        }

        drain.Begin();
        V1.DrainProgress? told = null;
        while (drain.Active)
        {
            var changed = drain.Changed;
            await replay.AdvanceDurableAsync(context.CancellationToken);
            var progress = Progress();
            if (IsSettled(progress))
            {
                drain.DismissLearner();
            }

            if (!progress.Equals(told))
            {
                await replies.WriteAsync(told = progress, context.CancellationToken);
            }

            if (progress.Done)
            {
                return;
            }

            await Task.WhenAny(changed, Task.Delay(DrainPeriod, context.CancellationToken));
            context.CancellationToken.ThrowIfCancellationRequested();
        }
    }

    private V1.DrainProgress Progress()
    {
        var (status, learner) = (replay.Status(), attendance.Learner);
        var progress = new V1.DrainProgress
        {
            Actors = actors.Count,
            Away = actors.Away,
            Starting = replay.FoundOpenStreams && attendance.Uptime.TotalSeconds < settings.LostAfterSeconds,
            NotDurable = status.NotDurable,
            Learner = learner is { Attached: true },
            Updates = learner?.Updates ?? -1,
            InsertedSteps = status.InsertedSteps,
        };
        progress.Done = IsSettled(progress) && !progress.Learner;
        return progress;
    }

    /// <summary>Everything that actors have is durable, and none is left or may be back.</summary>
    private static bool IsSettled(V1.DrainProgress progress) => progress is { Actors: 0, Away: 0, Starting: false, NotDurable: 0 };
}
