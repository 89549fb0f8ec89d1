using System.Diagnostics;
using Dreamer.Contracts;
using Dreamer.Experience;
using Dreamer.Policies;
using Grpc.Core;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.Replay;

/// <summary>Hands batch plans to the learner and answers operators.</summary>
public sealed class ReplayEndpoint(ReplayBuffer replay, ActorRegistry actors, WeightBoard weights, ReplayMetrics metrics) : V1.Replay.ReplayBase
{
    /// <inheritdoc/>
    public override Task<V1.AttachReply> Attach(V1.AttachRequest request, ServerCallContext context) =>
        Task.FromResult(replay.Attach(request.ToHello()).ToMessage());

    /// <inheritdoc/>
    public override async Task<V1.BatchPlan> Sample(V1.SampleRequest request, ServerCallContext context)
    {
        foreach (var used in request.Release)
        {
            replay.Release(used);
        }

        var (instance, priorities) = request.ToPriorities();
        replay.Prioritize(instance, priorities);

        using var span = ReplayMetrics.Traces.StartActivity("sample");
        var start = Stopwatch.GetTimestamp();
        var plan = await replay.SampleAsync(context.CancellationToken);
        metrics.SampleWait(Stopwatch.GetElapsedTime(start));
        return plan.ToMessage();
    }

    /// <inheritdoc/>
    public override Task<V1.StatusReply> Status(V1.StatusRequest request, ServerCallContext context)
    {
        var reply = replay.Status().ToMessage();
        reply.WeightsVersion = weights.Version;
        reply.Actors.AddRange(actors.All.Select(actor => new V1.ActorStatus
        {
            Actor = actor.Name,
            Streams = actor.Streams,
            Steps = actor.Steps,
            PolicyVersion = actor.PolicyVersion,
            SecondsSinceChunk = actor.Silence.TotalSeconds,
        }));
        return Task.FromResult(reply);
    }
}
