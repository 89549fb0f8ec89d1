using System.Diagnostics;
using Dreamer.Environments;
using Dreamer.Experience;
using Dreamer.Policies;
using Microsoft.Extensions.Logging;

namespace Dreamer.Actor;

/// <summary>
/// One actor: steps its environments side by side, asks the policy once per step for all of them, and hands finished
/// chunks to the writer. New weights are swapped in between two steps. Where an environment failed and began anew, its
/// stream ends and a new one begins. On cancellation the open chunks are sent as the ends of their streams.
/// </summary>
public sealed partial class ActorLoop(
    Func<VectorEnvironment> makeEnvironments, IPolicyFeed feed, IExperienceWriter writer, ActorOptions options,
    TimeProvider time, ILogger<ActorLoop> logger)
{
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(10);
    private PolicyBlob? _pending;
    private Chunk? _unwritten;

    /// <summary>Runs until cancelled.</summary>
    /// <exception cref="EnvironmentFailedException">An environment failed more often than its budget allows.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var environments = makeEnvironments();
        var first = await feed.NextAsync(-1, cancellation);
        var policy = PolicyFactory.Create(first, environments.Count, options.Seed);
        ActorMetrics.UsePolicy(policy.Version);
        var schema = Schema.For(environments.Spec, policy.RecordedState);
        await writer.OpenAsync(schema, cancellation);
        Log.Started(logger, environments.Count, first.Version);

        var streams = new ChunkBuilder[environments.Count];
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var listening = ListenAsync(first.Version, ending.Token);
        try
        {
            await ActAsync(environments, policy, schema, streams, cancellation);
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
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (Interlocked.Exchange(ref _pending, null) is { } newer)
            {
                policy = Swap(policy, newer);
            }

            var start = Stopwatch.GetTimestamp();
            environments.Step(actions);
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
                    await EndAsync(streams[slot], cancellation, began[slot]);
                    streams[slot] = new ChunkBuilder(schema, StreamId.NewRandom(), options.ChunkSteps);
                    lives[slot] = environments.Lives[slot];
                }

                if (streams[slot].TakeFull() is { } chunk)
                {
                    await WriteAsync(chunk, cancellation, began[slot]);
                }

                if (streams[slot].PendingSteps == 0)
                {
                    began[slot] = time.GetUtcNow();
                }

                policy.CopyState(slot, state);
                var told = environments.Steps[slot].IsLast ? policy.Facts(slot) : [];
                streams[slot].Add(environments.Steps[slot], actions.AsSpan(slot * actionSize, actionSize), state, policy.Version, told);
            }
        }
    }

    private async Task EndStreamsAsync(ChunkBuilder[] streams)
    {
        using var patience = new CancellationTokenSource(FlushTimeout, time);
        try
        {
            if (_unwritten is { } last)
            {
                // Its stream gets no later step: the wait before that one was what the cancellation interrupted.
                await WriteAsync(last with { EndsStream = true }, patience.Token);
            }

            foreach (var stream in streams)
            {
                await EndAsync(stream, patience.Token);
            }

            await writer.FlushAsync(patience.Token);
        }
        catch (Exception failure)
        {
            Log.NotFlushed(logger, FlushTimeout.TotalSeconds, failure.Message);
        }
    }

    private async Task EndAsync(ChunkBuilder? stream, CancellationToken cancellation, DateTimeOffset began = default)
    {
        if (stream?.End() is { } rest)
        {
            await WriteAsync(rest, cancellation, began);
        }
    }

    /// <param name="began">When its first step was taken; default where nobody needs to know.</param>
    private async Task WriteAsync(Chunk chunk, CancellationToken cancellation, DateTimeOffset began = default)
    {
        // Here a trace begins, or does not: everybody after this goes by what was drawn for the block of steps.
        using var block = ActorMetrics.Traces.StartActivity("environment steps", ActivityKind.Internal, default(ActivityContext), startTime: began);
        block?.SetTag("steps", chunk.Steps).Stop();
        using var span = ActorMetrics.Traces.StartActivity("write chunk", ActivityKind.Producer, block?.Context ?? default);
        if (span is { Recorded: true })
        {
            span.SetTag("stream", chunk.Stream.ToString()).SetTag("sequence", chunk.Sequence);
            chunk = chunk with { Trace = span.Context };
        }

        var start = Stopwatch.GetTimestamp();
        _unwritten = chunk;
        await writer.WriteAsync(chunk, cancellation);
        _unwritten = null;
        ActorMetrics.WriteTime.Record(Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    private async Task ListenAsync(long version, CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                var blob = await feed.NextAsync(version, cancellation);
                version = blob.Version;
                Interlocked.Exchange(ref _pending, blob);
            }
        }
        catch (OperationCanceledException)
        {
        }
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

        return policy;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "acting in {Environments} environments with weights version {Version}")]
        public static partial void Started(ILogger logger, int environments, long version);

        [LoggerMessage(2, LogLevel.Warning, "the last chunks were not accepted within {Seconds} s; at most one chunk per environment is lost ({Reason})")]
        public static partial void NotFlushed(ILogger logger, double seconds, string reason);

        [LoggerMessage(3, LogLevel.Warning, "weights version {Version} do not fit, the old ones stay in use: {Reason}")]
        public static partial void KeptOldWeights(ILogger logger, long version, string reason);
    }
}
