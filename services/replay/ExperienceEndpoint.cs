using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Dreamer.Contracts;
using Dreamer.Experience;
using Dreamer.Hosting.Settings;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.Replay;

/// <summary>
/// Takes chunks from actors: check, store, acknowledge, and hand out credit as the rate limiter lets actors insert.
/// One instance per call; the state lies in <see cref="ReplayBuffer"/> and <see cref="ActorRegistry"/>.
/// </summary>
public sealed partial class ExperienceEndpoint(
    ReplayBuffer replay, ActorRegistry actors, Attendance attendance, Drain drain, DurableWatch durable, ReplaySettings settings, ReplayMetrics metrics, TimeProvider time, ILogger<ExperienceEndpoint> logger)
    : V1.Experience.ExperienceBase
{
    /// <summary>What an actor may have under way hides the round trip; more would be experience of an old policy while the limiter holds it back.</summary>
    private const int ChunksAhead = 2;

    /// <summary>Answers that wait for an actor to read them; while it does not, nothing more is read from it.</summary>
    private const int UnreadReplies = 1024;

    /// <summary>What a chunk costs the service beside its bytes.</summary>
    private const int ChunkOverhead = 1024;
    private const int MaxEvaluations = 1024;

    private static readonly TimeSpan FullDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FarewellPatience = TimeSpan.FromSeconds(15);

    /// <inheritdoc/>
    public override async Task Push(
        IAsyncStreamReader<V1.PushRequest> requests, IServerStreamWriter<V1.PushReply> replies, ServerCallContext context)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        if (!await requests.MoveNext(ending.Token) || requests.Current.Hello is not { } hello)
        {
            throw new InvalidMessageException("a push call begins with a Hello");
        }

        CheckName(hello.Actor);
        var schema = hello.Schema.ToSchema();
        var open = new OpenStreams(replay, settings.Limits.StreamsPerActor);
        var welcome = new V1.Welcome { Instance = ByteString.CopyFrom(replay.Instance.ToByteArray()) };
        StreamId[] streams = [.. hello.Streams.Select(bytes => bytes.ToStreamId())];
        foreach (var stream in streams)
        {
            welcome.NextSequence.Add(replay.NextSequence(stream));
            open.Announce(stream);
        }

        using var scope = logger.BeginScope(new Dictionary<string, object?> { ["actor"] = hello.Actor });
        using var actor = actors.Join(hello.Actor, streams.Where(replay.IsOpen));
        replay.UseSchema(schema);
        Log.Joined(logger, hello.Actor, hello.Streams.Count);

        var outbox = Channel.CreateBounded<V1.PushReply>(new BoundedChannelOptions(UnreadReplies) { SingleReader = true });
        var first = Math.Min(settings.CreditBytes, ChunksAhead * (long)settings.ChunkSteps * schema.StepBytes);
        outbox.Writer.TryWrite(new V1.PushReply { Welcome = welcome });
        outbox.Writer.TryWrite(Credit(first));
        using var leaving = drain.Actors.Register(() => outbox.Writer.TryWrite(new V1.PushReply { Drain = new V1.Drain() }));
        var ahead = new StrongBox<long>(-first);
        var taken = Channel.CreateUnbounded<(long Bytes, int Steps)>(new UnboundedChannelOptions { SingleReader = true });
        var crediting = CreditAsync(taken.Reader, ahead, outbox.Writer, ending.Token);
        using var stuck = new CancellationTokenSource();
        var sending = SendAsync(outbox.Reader, replies, ending.Token, stuck.Token);
        var marking = MarkDurableAsync(open, outbox.Writer, ending.Token);
        try
        {
            while (await requests.MoveNext(ending.Token))
            {
                if (requests.Current.Chunk is null)
                {
                    throw new InvalidMessageException("after its Hello an actor sends chunks only");
                }

                var chunk = Read(requests.Current, actor, schema);
                if (Interlocked.Add(ref ahead.Value, chunk.Bytes + ChunkOverhead) > settings.Limits.AheadBytes)
                {
                    throw new LimitExceededException($"actor '{hello.Actor}' is further ahead of its credit than replay.limits.ahead_bytes ({settings.Limits.AheadBytes}) allows");
                }

                open.Admit(chunk.Stream);
                await TakeAsync(chunk, actor, open, outbox.Writer, ending.Token);
                taken.Writer.TryWrite((chunk.Bytes, chunk.Steps));
            }

            // The actor has said all it will say: the answers still go out.
            outbox.Writer.TryComplete();
            await sending;
        }
        finally
        {
            // A write that is cancelled resets the call, and its status never arrives: only one that the actor does not read is.
            await ending.CancelAsync();
            stuck.CancelAfter(FarewellPatience);
            await Task.WhenAll(crediting, sending, marking);
            Log.Left(logger, hello.Actor, actor.Streams);
            actor.Dispose();
            drain.Pulse();
        }
    }

    /// <inheritdoc/>
    public override Task<V1.ReportReply> Report(V1.ReportRequest request, ServerCallContext context)
    {
        CheckName(request.Actor);
        if (request.Episodes.Count > MaxEvaluations)
        {
            throw new InvalidMessageException($"a report has at most {MaxEvaluations} episodes, not {request.Episodes.Count}");
        }

        EvaluatedEpisode[] episodes = [.. request.Episodes.Select(episode => episode.ToEpisode())];
        replay.Report(episodes);
        attendance.Report(request.Actor, episodes);
        return Task.FromResult(new V1.ReportReply());
    }

    private static void CheckName(string actor)
    {
        if (actor.Length is 0 or > 128 || actor.Any(char.IsControl))
        {
            throw new InvalidMessageException("an actor's name has 1 to 128 characters");
        }
    }

    /// <summary>Gives credit back as the rate limiter lets actors insert. The call is read meanwhile: the end of a stream does not wait for the learner.</summary>
    private async Task CreditAsync(
        ChannelReader<(long Bytes, int Steps)> taken, StrongBox<long> ahead, ChannelWriter<V1.PushReply> outbox, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var (bytes, steps) in taken.ReadAllAsync(cancellationToken))
            {
                var start = Stopwatch.GetTimestamp();
                await replay.AdmitAsync(steps, cancellationToken);
                metrics.InsertWait(Stopwatch.GetElapsedTime(start));
                Interlocked.Add(ref ahead.Value, -(bytes + ChunkOverhead));
                await outbox.WriteAsync(Credit(bytes), cancellationToken);
            }
        }
        catch (Exception over) when (over is OperationCanceledException or ChannelClosedException)
        {
        }
    }

    private Chunk Read(V1.PushRequest message, ActorRegistry.Session actor, Schema schema)
    {
        try
        {
            actor.Said(message.AckP50Seconds, message.AckP95Seconds);
            return message.Chunk.ToChunk(schema);
        }
        catch (InvalidMessageException refused)
        {
            replay.CountRefused();
            Log.Refused(logger, message.Chunk.Sequence, refused.Message);
            throw;
        }
    }

    private async Task TakeAsync(
        Chunk chunk, ActorRegistry.Session actor, OpenStreams open, ChannelWriter<V1.PushReply> outbox,
        CancellationToken cancellationToken)
    {
        var result = await AppendAsync(chunk, cancellationToken);
        if (result.Outcome == CommitOutcome.Gap)
        {
            Log.Gap(logger, chunk.Stream, chunk.Sequence, result.NextSequence);
            var rewind = new V1.Rewind { Stream = chunk.Stream.ToMessage(), NextSequence = result.NextSequence };
            await outbox.WriteAsync(new V1.PushReply { Rewind = rewind }, cancellationToken);
            return;
        }

        actor.Took(chunk, result.Outcome);
        if (result.Outcome == CommitOutcome.Duplicate)
        {
            Log.Duplicate(logger, chunk.Stream, chunk.Sequence);
        }
        else
        {
            Log.Committed(logger, chunk.Stream, chunk.Sequence, chunk.Steps);
        }

        await outbox.WriteAsync(Ack(chunk.Stream, result.NextSequence, open.Took(chunk)), cancellationToken);
    }

    // While the store is full its actor gets neither an answer nor credit: it pauses, and nothing is lost.
    private async Task<AppendResult> AppendAsync(Chunk chunk, CancellationToken cancellationToken)
    {
        while (true)
        {
            var start = Stopwatch.GetTimestamp();
            try
            {
                var result = await replay.AppendAsync(chunk, cancellationToken);
                metrics.CommitTime.Record(Stopwatch.GetElapsedTime(start).TotalSeconds);
                return result;
            }
            catch (StoreFullException full)
            {
                Log.Full(logger, full.Message);
                await Task.Delay(FullDelay, time, cancellationToken);
            }
        }
    }

    private async Task MarkDurableAsync(OpenStreams open, ChannelWriter<V1.PushReply> outbox, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await durable.Next.WaitAsync(cancellationToken);
                foreach (var (stream, sequence) in open.TakeDurable())
                {
                    await outbox.WriteAsync(Ack(stream, replay.NextSequence(stream), sequence), cancellationToken);
                }
            }
        }
        catch (Exception over) when (over is OperationCanceledException or ChannelClosedException)
        {
        }
    }

    private static async Task SendAsync(
        ChannelReader<V1.PushReply> outbox, IServerStreamWriter<V1.PushReply> replies, CancellationToken cancellationToken, CancellationToken stuck)
    {
        try
        {
            await foreach (var reply in outbox.ReadAllAsync(cancellationToken))
            {
                await replies.WriteAsync(reply, stuck);
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or InvalidOperationException or IOException)
        {
            // The call is over; the reading side says why.
        }
    }

    private static V1.PushReply Credit(long bytes) => new() { Credit = new V1.Credit { Bytes = bytes } };

    private static V1.PushReply Ack(StreamId stream, long accepted, long durable) => new()
    {
        Ack = new V1.Ack { Stream = stream.ToMessage(), Accepted = accepted, Durable = durable },
    };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "actor {Actor} joined with {Streams} open streams")]
        public static partial void Joined(ILogger logger, string actor, int streams);

        [LoggerMessage(3, LogLevel.Error, "the store is full, actors wait: {Reason}")]
        public static partial void Full(ILogger logger, string reason);

        [LoggerMessage(2, LogLevel.Information, "actor {Actor} left with {Streams} open streams")]
        public static partial void Left(ILogger logger, string actor, int streams);

        [LoggerMessage(4, LogLevel.Warning, "chunk {Sequence} refused: {Reason}")]
        public static partial void Refused(ILogger logger, long sequence, string reason);

        [LoggerMessage(5, LogLevel.Information, "stream {Stream} sends chunk {Sequence}, but {Next} comes next: it is told to rewind")]
        public static partial void Gap(ILogger logger, StreamId stream, long sequence, long next);

        [LoggerMessage(6, LogLevel.Debug, "chunk {Sequence} of stream {Stream} was there already")]
        public static partial void Duplicate(ILogger logger, StreamId stream, long sequence);

        [LoggerMessage(7, LogLevel.Debug, "chunk {Sequence} of stream {Stream} committed, {Steps} steps")]
        public static partial void Committed(ILogger logger, StreamId stream, long sequence, int steps);
    }
}
