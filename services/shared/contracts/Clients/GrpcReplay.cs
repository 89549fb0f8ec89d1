using System.Collections.Immutable;
using Dreamer.Experience;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Dreamer.Contracts.Clients;

/// <summary>
/// The learner's side of the replay service: plans over gRPC, payload from the store itself. A call that fails because
/// the service is away is repeated until it is back; the learner attaches again with the steps it has replayed.
/// </summary>
public sealed partial class GrpcReplay(
    V1.Replay.ReplayClient client, IChunkReader payload, TimeProvider time, ILogger<GrpcReplay> logger) : IReplay
{
    private static readonly TimeSpan DetachPatience = TimeSpan.FromSeconds(5);
    private readonly List<long> _released = [];
    private readonly List<long> _unread = [];
    private readonly List<StepPriorities> _priorities = [];
    private LearnerHello? _hello;
    private volatile bool _connected;

    /// <inheritdoc/>
    public Guid Instance { get; private set; }

    /// <summary>True while the service answers.</summary>
    public bool Connected => _connected;

    /// <inheritdoc/>
    public async Task<LearnerWelcome> AttachAsync(LearnerHello hello, CancellationToken cancellation)
    {
        _hello = hello;
        var welcome = (await RetryAsync(() => client.AttachAsync(hello.ToMessage(), cancellationToken: cancellation), cancellation)).ToWelcome();
        lock (_released)
        {
            if (Instance != welcome.Instance)
            {
                _priorities.Clear();
            }

            (Instance, _connected) = (welcome.Instance, true);
        }

        return welcome;
    }

    /// <inheritdoc/>
    /// <exception cref="ReplayDrainedException">The service winds the run down.</exception>
    public async ValueTask<BatchPlan> SampleAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var request = new V1.SampleRequest();
            lock (_released)
            {
                request.Release.AddRange(_released);
                request.Unread.AddRange(_unread);
                request.Take(_priorities, Instance);
                _released.Clear();
                _unread.Clear();
                _priorities.Clear();
            }

            try
            {
                var reply = await client.SampleAsync(request, cancellationToken: cancellation);
                if (reply.Drain)
                {
                    throw new ReplayDrainedException();
                }

                var plan = reply.ToPlan();
                _hello = _hello! with { ReplayedSteps = plan.ReplayedSteps, Draws = plan.Draws };
                return plan;
            }
            catch (Exception away) when (ServiceAway.Explains(away, cancellation))
            {
                await PauseAsync(away, cancellation);
                await AttachAsync(_hello!, cancellation);
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(long planId, CancellationToken cancellation)
    {
        lock (_released)
        {
            _released.Add(planId);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask ReturnAsync(BatchPlan plan, CancellationToken cancellation)
    {
        lock (_released)
        {
            _unread.Add(plan.Id);
        }

        // Where the service starts again before it hears of this, it goes on from what is said here.
        _hello = _hello! with { ReplayedSteps = plan.ReplayedSteps - ((long)_hello.BatchSize * (_hello.Length - _hello.Context)) };
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask PrioritizeAsync(Guid instance, ImmutableArray<StepPriorities> updates, CancellationToken cancellation)
    {
        lock (_released)
        {
            if (instance == Instance)
            {
                _priorities.AddRange(updates);
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask<ChunkPayloads> ReadAsync(BatchPlan plan, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return await payload.ReadAsync(plan, cancellation);
            }
            catch (StoreUnavailableException away) when (!cancellation.IsCancellationRequested)
            {
                Log.StoreAway(logger, away.Message);
                await Task.Delay(ServiceAway.RetryDelay, time, cancellation);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DetachAsync(long updates, CancellationToken cancellation)
    {
        try
        {
            await client.DetachAsync(new V1.DetachRequest { Updates = updates }, deadline: DateTime.UtcNow + DetachPatience, cancellationToken: cancellation);
        }
        catch (Exception away) when (away is RpcException or OperationCanceledException)
        {
            Log.NotDetached(logger, away.Message);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<ReplayStatus> StatusAsync(CancellationToken cancellation) =>
        (await client.StatusAsync(new V1.StatusRequest(), cancellationToken: cancellation)).ToStatus();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<T> RetryAsync<T>(Func<AsyncUnaryCall<T>> call, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return await call();
            }
            catch (Exception away) when (ServiceAway.Explains(away, cancellation))
            {
                await PauseAsync(away, cancellation);
            }
        }
    }

    private Task PauseAsync(Exception away, CancellationToken cancellation)
    {
        _connected = false;
        Log.Away(logger, ServiceAway.Reason(away));
        return Task.Delay(ServiceAway.RetryDelay, time, cancellation);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "replay service not reached ({Reason}); trying again")]
        public static partial void Away(ILogger logger, string reason);

        [LoggerMessage(2, LogLevel.Warning, "experience not read ({Reason}); trying again")]
        public static partial void StoreAway(ILogger logger, string reason);

        [LoggerMessage(3, LogLevel.Information, "the replay service was not told that the learner ends ({Reason})")]
        public static partial void NotDetached(ILogger logger, string reason);
    }
}
