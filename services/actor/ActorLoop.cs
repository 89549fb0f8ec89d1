using System.Diagnostics;
using Dreamer.Environments;
using Dreamer.Experience;
using Dreamer.Policies;
using Microsoft.Extensions.Logging;

namespace Dreamer.Actor;

/// <summary>
/// One actor: steps its environments side by side, asks the policy once per step for all of them, and hands finished
/// chunks to the writer. New weights are swapped in between two steps. Where an environment failed and began anew, its
/// stream ends and a new one begins. On cancellation the open chunks are sent as the ends of their streams, and so they are
/// where an environment hangs.
/// </summary>
public sealed partial class ActorLoop(
    Func<VectorEnvironment> makeEnvironments, IPolicyFeed feed, IExperienceWriter writer, ActorOptions options,
    TimeProvider time, ILogger<ActorLoop> logger)
{
    private const int Looks = 4;
    private readonly Queue<Chunk> _unwritten = [];
    private PolicyBlob? _pending;
    private PolicyBlob? _newest;
    private long _stepping;
    private bool _hung;

    /// <summary>Runs until cancelled.</summary>
    /// <exception cref="EnvironmentFailedException">An environment failed more often than its budget allows.</exception>
    /// <exception cref="EnvironmentHungException">One does not come back from a step.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var environments = makeEnvironments();
        try
        {
            await RunAsync(environments, cancellation);
        }
        finally
        {
            // Where a thread is still inside, what it works on must stay.
            if (!_hung)
            {
                environments.Dispose();
            }
        }
    }

    private async Task RunAsync(VectorEnvironment environments, CancellationToken cancellation)
    {
        var first = await feed.NextAsync(-1, cancellation);
        var policy = PolicyFactory.Create(first, environments.Count, options.Seed);
        ActorMetrics.UsePolicy(policy.Version);
        Took(first);
        var schema = Schema.For(environments.Spec, policy.RecordedState);
        await writer.OpenAsync(schema, cancellation);
        Log.Started(logger, environments.Count, first.Version);

        var streams = new ChunkBuilder[environments.Count];
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var listening = ListenAsync(first.Version, ending.Token);
        try
        {
            // Watched until it has ended, not until it is told to: what it works on is its own until then.
            using var watching = new CancellationTokenSource();
            var acting = Task.Run(() => ActAsync(environments, policy, schema, streams, cancellation), CancellationToken.None);
            var firstEnded = await Task.WhenAny(acting, WatchAsync(watching.Token));
            await watching.CancelAsync();
            await firstEnded;
        }
        finally
        {
            await EndStreamsAsync(streams);
            await ending.CancelAsync();
            await listening;
        }
    }

    private async Task ActAsync(
        VectorEnvironment environments, IPolicy policy, Schema schema, ChunkBuilder[] streams, CancellationToken cancellation)
    {
        var slots = Enumerable.Range(0, environments.Count).ToArray();
        var actionSize = environments.Spec.Action.Size;
        var actions = new float[slots.Length * actionSize];
        var state = policy.RecordedState.Select(tensor => new byte[tensor.Bytes]).ToArray();
        var lives = slots.Select(_ => -1).ToArray();
        var began = new DateTimeOffset[slots.Length];

        // A full chunk waits for the step after it, which is held as well.
        var chunkSteps = Math.Min(options.ChunkSteps, writer.HeldSteps - 1);
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();

            // Before the step: from the moment in which an environment hands it out it is held.
            await writer.AcceptAsync(writer.HeldSteps - streams.Max(stream => stream?.PendingSteps ?? 0) - 1, cancellation);
            if (Interlocked.Exchange(ref _pending, null) is { } newer)
            {
                policy = Swap(policy, newer);
            }

            var start = Stopwatch.GetTimestamp();
            Volatile.Write(ref _stepping, start);
            environments.Step(actions);
            Volatile.Write(ref _stepping, 0);
            var stepped = Stopwatch.GetTimestamp();
            policy.Act(slots, environments.Steps, actions);
            ActorMetrics.EnvironmentStepTime.Record(Stopwatch.GetElapsedTime(start, stepped).TotalSeconds);
            ActorMetrics.PolicyStepTime.Record(Stopwatch.GetElapsedTime(stepped).TotalSeconds);
            ActorMetrics.PolicySteps.Add(slots.Length);
            ActorMetrics.EnvSteps.Add(slots.Length * options.ActionRepeat);
            foreach (var slot in slots)
            {
                if (lives[slot] != environments.Lives[slot])
                {
                    Take(streams[slot]?.End(), began[slot]);
                    streams[slot] = new ChunkBuilder(schema, StreamId.NewRandom(), chunkSteps);
                    lives[slot] = environments.Lives[slot];
                }

                Take(streams[slot].TakeFull(), began[slot]);
                if (streams[slot].PendingSteps == 0)
                {
                    began[slot] = time.GetUtcNow();
                }

                policy.CopyState(slot, state);
                var told = environments.Steps[slot].IsLast ? policy.Facts(slot) : [];
                if (environments.Steps[slot].IsLast && policy.NextSeed(slot) is { } seed)
                {
                    environments.Reseed(slot, seed);
                }

                streams[slot].Add(environments.Steps[slot], actions.AsSpan(slot * actionSize, actionSize), state, policy.Version, told);
            }

            // Only now, when every step lies in its stream: a wait that is cancelled loses none.
            await WriteAsync(cancellation);
        }
    }

    /// <summary>
    /// Fails when one step lasts for the whole timeout. It counts looks and not the time: a process that was stopped and goes on
    /// has not hung.
    /// </summary>
    private async Task WatchAsync(CancellationToken cancellation)
    {
        var period = options.StepTimeout > TimeSpan.Zero ? options.StepTimeout / Looks : Timeout.InfiniteTimeSpan;
        var (seen, looks) = (0L, 0);
        while (true)
        {
            await Task.Delay(period, time, cancellation);
            var stepping = Volatile.Read(ref _stepping);
            (seen, looks) = (stepping, stepping != 0 && stepping == seen ? looks + 1 : 0);
            if (looks == Looks)
            {
                _hung = true;
                throw new EnvironmentHungException(options.StepTimeout);
            }
        }
    }

    private async Task EndStreamsAsync(ChunkBuilder?[] streams)
    {
        using var patience = new CancellationTokenSource(options.FlushTimeout, time);
        try
        {
            writer.Finish();
            foreach (var stream in streams)
            {
                Take(stream?.End());
            }

            await WriteAsync(patience.Token);
            await writer.FlushAsync(patience.Token);
        }
        catch (Exception failure)
        {
            Log.NotFlushed(logger, options.FlushTimeout.TotalSeconds, failure.Message);
        }
    }

    /// <param name="began">When its first step was taken; default where nobody needs to know.</param>
    private void Take(Chunk? chunk, DateTimeOffset began = default)
    {
        if (chunk is not null)
        {
            // Here a trace begins, or does not: everybody after this goes by what was drawn for the block of steps.
            using var block = ActorMetrics.Traces.StartActivity("environment steps", ActivityKind.Internal, default(ActivityContext), startTime: began);
            block?.SetTag("steps", chunk.Steps);
            _unwritten.Enqueue(block is null ? chunk : chunk with { Trace = block.Context });
        }
    }

    private async Task WriteAsync(CancellationToken cancellation)
    {
        while (_unwritten.TryPeek(out var chunk))
        {
            using var span = ActorMetrics.Traces.StartActivity("write chunk", ActivityKind.Producer, chunk.Trace);
            if (span is { Recorded: true })
            {
                span.SetTag("stream", chunk.Stream.ToString()).SetTag("sequence", chunk.Sequence);
                chunk = chunk with { Trace = span.Context };
            }

            var start = Stopwatch.GetTimestamp();
            await writer.WriteAsync(chunk, cancellation);
            _unwritten.Dequeue();
            ActorMetrics.WriteTime.Record(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
    }

    private async Task ListenAsync(long version, CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                var blob = await feed.NextAsync(version, cancellation);
                version = blob.Version;
                Interlocked.Exchange(ref _pending, blob)?.Release();
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    // The feed keeps its newest version for the next life of the environments; older ones nobody will ask for.
    private void Took(PolicyBlob blob)
    {
        if (_newest is { } before && before.Version < blob.Version)
        {
            before.Release();
        }

        _newest = blob;
    }

    private IPolicy Swap(IPolicy policy, PolicyBlob newer)
    {
        using var span = newer.Trace == default ? null : ActorMetrics.Traces.StartActivity("swap weights", ActivityKind.Consumer, newer.Trace);
        span?.SetTag("version", newer.Version);
        var start = Stopwatch.GetTimestamp();
        try
        {
            policy = PolicyFactory.Renew(policy, newer, options.Seed);
            ActorMetrics.SwapTime.Record(Stopwatch.GetElapsedTime(start).TotalSeconds);
            ActorMetrics.UsePolicy(newer.Version);
        }
        catch (PolicyFormatException unfit)
        {
            ActorMetrics.PolicyRejected.Add(1);
            Log.KeptOldWeights(logger, newer.Version, unfit.Message);
        }

        Took(newer);
        return policy;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "acting in {Environments} environments with weights version {Version}")]
        public static partial void Started(ILogger logger, int environments, long version);

        [LoggerMessage(2, LogLevel.Warning, "what was left was not stored for good within {Seconds} s (actor.flush_seconds) and may be lost: {Reason}")]
        public static partial void NotFlushed(ILogger logger, double seconds, string reason);

        [LoggerMessage(3, LogLevel.Warning, "weights version {Version} do not fit, the old ones stay in use: {Reason}")]
        public static partial void KeptOldWeights(ILogger logger, long version, string reason);
    }
}
