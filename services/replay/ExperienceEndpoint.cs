using System.Diagnostics;
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
    ReplayBuffer replay, ActorRegistry actors, ReplaySettings settings, ReplayMetrics metrics, TimeProvider time, ILogger<ExperienceEndpoint> logger)
    : V1.Experience.ExperienceBase
{
    /// <summary>What an actor may have under way hides the round trip; more would be experience of an old policy while the limiter holds it back.</summary>
    private const int ChunksAhead = 2;

    private static readonly TimeSpan FullDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DurablePeriod = TimeSpan.FromSeconds(0.5);

    /// <inheritdoc/>
    public override async Task Push(
        IAsyncStreamReader<V1.PushRequest> requests, IServerStreamWriter<V1.PushReply> replies, ServerCallContext context)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        if (!await requests.MoveNext(ending.Token) || requests.Current.Hello is not { } hello)
        {
            throw new InvalidMessageException("a push call begins with a Hello");
        }

        if (hello.Actor.Length is 0 or > 128 || hello.Streams.Count > 65_536)
        {
            throw new InvalidMessageException("an actor's name has 1 to 128 characters and it has at most 65536 streams");
        }

        var schema = hello.Schema.ToSchema();
        replay.UseSchema(schema);
        using var actor = actors.Join(hello.Actor);
        Log.Joined(logger, hello.Actor, hello.Streams.Count);

        var outbox = Channel.CreateUnbounded<V1.PushReply>(new UnboundedChannelOptions { SingleReader = true });
        var welcome = new V1.Welcome { Instance = ByteString.CopyFrom(replay.Instance.ToByteArray()) };
        var open = new Dictionary<StreamId, long>();
        foreach (var stream in hello.Streams.Select(bytes => bytes.ToStreamId()))
        {
            welcome.NextSequence.Add(replay.NextSequence(stream));
            open[stream] = replay.DurableSequence(stream);
        }

        outbox.Writer.TryWrite(new V1.PushReply { Welcome = welcome });
        outbox.Writer.TryWrite(Credit(Math.Min(settings.CreditBytes, ChunksAhead * (long)settings.ChunkSteps * schema.StepBytes)));
        var taken = Channel.CreateUnbounded<long>(new UnboundedChannelOptions { SingleReader = true });
        var crediting = CreditAsync(taken.Reader, outbox.Writer, ending.Token);
        var sending = SendAsync(outbox.Reader, replies, ending.Token);
        var marking = MarkDurableAsync(open, outbox.Writer, ending.Token);
        try
        {
            while (await requests.MoveNext(ending.Token))
            {
                if (requests.Current.Chunk is not { } message)
                {
                    throw new InvalidMessageException("after its Hello an actor sends chunks only");
                }

                var chunk = Read(message, schema);
                await TakeAsync(chunk, actor, open, outbox.Writer, ending.Token);
                taken.Writer.TryWrite(chunk.Bytes);
            }

            // The actor has said all it will say: the answers still go out.
            outbox.Writer.TryComplete();
            await sending;
        }
        finally
        {
            await ending.CancelAsync();
            await Task.WhenAll(crediting, sending, marking);
            Log.Left(logger, hello.Actor, actor.Streams);
        }
    }

    /// <summary>Gives credit back as the rate limiter lets actors insert. The call is read meanwhile: the end of a stream does not wait for the learner.</summary>
    private async Task CreditAsync(ChannelReader<long> taken, ChannelWriter<V1.PushReply> outbox, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var bytes in taken.ReadAllAsync(cancellationToken))
            {
                var start = Stopwatch.GetTimestamp();
                await replay.WaitForInsertAsync(cancellationToken);
                metrics.InsertWait(Stopwatch.GetElapsedTime(start));
                outbox.TryWrite(Credit(bytes));
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private Chunk Read(V1.Chunk message, Schema schema)
    {
        try
        {
            return message.ToChunk(schema);
        }
        catch (InvalidMessageException)
        {
            replay.CountRefused();
            throw;
        }
    }

    private async Task TakeAsync(
        Chunk chunk, ActorRegistry.Session actor, Dictionary<StreamId, long> open, ChannelWriter<V1.PushReply> outbox,
        CancellationToken cancellationToken)
    {
        var result = await AppendAsync(chunk, cancellationToken);
        if (result.Outcome == CommitOutcome.Gap)
        {
            outbox.TryWrite(new V1.PushReply
            {
                Rewind = new V1.Rewind { Stream = chunk.Stream.ToMessage(), NextSequence = result.NextSequence },
            });
            return;
        }

        actor.Took(chunk, result.Outcome);
        var durable = replay.DurableSequence(chunk.Stream);
        lock (open)
        {
            open[chunk.Stream] = durable;
        }

        outbox.TryWrite(Ack(chunk.Stream, result.NextSequence, durable));
    }

    // While the store is full its actor gets neither an answer nor credit: it pauses, and nothing is lost.
    private async Task<AppendResult> AppendAsync(Chunk chunk, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var span = ReplayMetrics.Traces.StartActivity("commit chunk");
            span?.SetTag("stream", chunk.Stream.ToString()).SetTag("sequence", chunk.Sequence);
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

    private async Task MarkDurableAsync(Dictionary<StreamId, long> open, ChannelWriter<V1.PushReply> outbox, CancellationToken cancellationToken)
    {
        try
        {
            using var timer = new PeriodicTimer(DurablePeriod, time);
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                if (!await AdvanceDurableAsync(cancellationToken))
                {
                    continue;
                }

                lock (open)
                {
                    foreach (var (stream, known) in open.ToArray())
                    {
                        var durable = replay.DurableSequence(stream);
                        if (durable > known)
                        {
                            open[stream] = durable;
                            outbox.TryWrite(Ack(stream, replay.NextSequence(stream), durable));
                        }
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    // The next commit says what is wrong with the store, and the next look may find it back.
    private async Task<bool> AdvanceDurableAsync(CancellationToken cancellationToken)
    {
        try
        {
            await replay.AdvanceDurableAsync(cancellationToken);
            return true;
        }
        catch (Exception away) when (away is StoreUnavailableException or StoreFencedException)
        {
            return false;
        }
    }

    private static async Task SendAsync(ChannelReader<V1.PushReply> outbox, IServerStreamWriter<V1.PushReply> replies, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var reply in outbox.ReadAllAsync(cancellationToken))
            {
                await replies.WriteAsync(reply, cancellationToken);
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
    }
}
