using Dreamer.Experience;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Dreamer.Contracts.Clients;

/// <summary>
/// Delivers chunks to the replay service over one long call. Every chunk is kept until the service says that it is
/// durable; after a broken call the writer reconnects and resends from the marks that the service names, so that
/// nothing is lost and, since delivery is idempotent by (stream, sequence), nothing is stored twice. While connected,
/// <see cref="WriteAsync"/> waits for credit; while disconnected, it buffers up to <see cref="WriterOptions.BufferBytes"/> and
/// <see cref="WriterOptions.BufferSteps"/>.
/// </summary>
public sealed partial class GrpcExperienceWriter(
    V1.Experience.ExperienceClient client, WriterOptions options, TimeProvider time, ILogger<GrpcExperienceWriter> logger)
    : IExperienceWriter
{
    private readonly Lock gate = new();
    private readonly OrderedDictionary<StreamId, OutgoingStream> streams = [];
    private readonly AsyncSignal changed = new();
    private readonly RecentTimes acknowledgements = new();
    private readonly CancellationTokenSource stop = new();
    private readonly CancellationTokenSource drained = new();
    private Schema? schema;
    private Task? running;
    private Exception? failure;
    private bool connected;
    private bool everConnected;
    private bool acknowledged;
    private bool finishing;
    private long credit;
    private long keptBytes;
    private long resent;

    /// <summary>Chunks sent again after a reconnect or a rewind.</summary>
    public long Resent => Interlocked.Read(ref resent);

    /// <summary>Bytes of chunks that are not durable yet.</summary>
    public long KeptBytes => Interlocked.Read(ref keptBytes);

    /// <summary>Bytes of chunks that the service has not accepted yet: what is lost if this process dies now.</summary>
    public long PendingBytes
    {
        get
        {
            lock (gate)
            {
                return streams.Values.Sum(stream => stream.PendingBytes);
            }
        }
    }

    /// <inheritdoc/>
    public int HeldSteps => options.HeldSteps;

    /// <summary>Cancelled when the service winds the run down: end the streams and leave.</summary>
    public CancellationToken Drained => drained.Token;

    /// <summary>True while a call is open.</summary>
    public bool Connected => Volatile.Read(ref connected);

    /// <summary>Names the schema and waits for the first welcome; retries until the service answers.</summary>
    /// <exception cref="RpcException">The service refuses this actor: another schema, a wrong token.</exception>
    public async ValueTask OpenAsync(Schema schema, CancellationToken cancellationToken)
    {
        this.schema = schema;
        running ??= Task.Run(() => RunAsync(stop.Token), CancellationToken.None);
        await WaitAsync(() => everConnected, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask WriteAsync(Chunk chunk, CancellationToken cancellationToken)
    {
        // The end of a stream is short and final: it does not wait for the learner.
        await WaitAsync(() => finishing || (connected ? credit > 0 || chunk.EndsStream : MayBuffer), cancellationToken);
        lock (gate)
        {
            if (!streams.TryGetValue(chunk.Stream, out var stream))
            {
                streams.Add(chunk.Stream, stream = new OutgoingStream(chunk.Stream, chunk.Sequence, schema!.IsFirstIndex));
            }

            stream.Keep(chunk);
            keptBytes += chunk.Bytes;
            credit -= connected ? chunk.Bytes : 0;
        }

        changed.Pulse();
    }

    /// <inheritdoc/>
    public async ValueTask AcceptAsync(int most, CancellationToken cancellationToken) =>
        await WaitAsync(() => finishing || !connected || PendingSteps <= Math.Max(0, most), cancellationToken);

    /// <inheritdoc/>
    public void Finish()
    {
        lock (gate)
        {
            finishing = true;
        }

        changed.Pulse();
    }

    /// <summary>Most steps of one environment that are not accepted. Of a stream that ended nobody knows whose it was, so it counts with every other.</summary>
    private long PendingSteps =>
        streams.Values.Where(stream => stream.Ended).Sum(stream => stream.PendingSteps)
        + streams.Values.Where(stream => !stream.Ended).Select(stream => stream.PendingSteps).DefaultIfEmpty().Max();

    private bool MayBuffer => keptBytes < options.BufferBytes && streams.Values.Sum(stream => stream.PendingSteps) < options.BufferSteps;

    /// <summary>Waits until the service says of everything written so far that it is durable.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken) => await WaitAsync(() => keptBytes == 0, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        if (running is not null)
        {
            await running;
        }

        stop.Dispose();
        drained.Dispose();
    }

    private async ValueTask WaitAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task next;
            lock (gate)
            {
                if (failure is not null)
                {
                    throw failure;
                }

                if (condition())
                {
                    return;
                }

                next = changed.Next;
            }

            await next.WaitAsync(cancellationToken);
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        var delay = options.MinReconnectDelay;
        while (!cancellationToken.IsCancellationRequested)
        {
            RpcException? broken = null;
            try
            {
                await CallAsync(cancellationToken);
            }
            catch (RpcException refused) when (refused.StatusCode is StatusCode.FailedPrecondition or StatusCode.Unauthenticated
                or StatusCode.PermissionDenied or StatusCode.InvalidArgument)
            {
                lock (gate)
                {
                    failure = refused;
                }
            }
            catch (RpcException failed)
            {
                broken = failed;
            }
            catch (OperationCanceledException)
            {
            }

            lock (gate)
            {
                // A service that welcomes and then takes nothing has not been back.
                delay = acknowledged ? options.MinReconnectDelay : delay;
                connected = acknowledged = false;
                credit = 0;
            }

            changed.Pulse();
            if (failure is not null || cancellationToken.IsCancellationRequested)
            {
                return;
            }

            if (broken is not null)
            {
                Log.Disconnected(logger, broken.StatusCode, broken.Status.Detail, delay.TotalSeconds);
            }

            try
            {
                await Task.Delay(delay, time, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            delay = TimeSpan.FromSeconds(Math.Min(delay.TotalSeconds * 2, options.MaxReconnectDelay.TotalSeconds));
        }
    }

    private async Task CallAsync(CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var call = client.Push(cancellationToken: ending.Token);
        List<OutgoingStream> announced;
        lock (gate)
        {
            announced = [.. streams.Values];
        }

        var hello = new V1.Hello { Actor = options.Actor, Schema = schema!.ToMessage() };
        hello.Streams.AddRange(announced.Select(stream => stream.WireId.ToMessage()));
        await call.RequestStream.WriteAsync(new V1.PushRequest { Hello = hello }, ending.Token);
        if (!await call.ResponseStream.MoveNext(ending.Token) || call.ResponseStream.Current.Welcome is not { } welcome)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "the replay service closed the call before it said welcome"));
        }

        long again;
        lock (gate)
        {
            again = -resent;
            for (var i = 0; i < announced.Count && i < welcome.NextSequence.Count; i++)
            {
                Resume(announced[i], welcome.NextSequence[i]);
            }

            // What is kept is sent at once; nothing new before the service has taken it.
            again += resent;
            connected = everConnected = true;
            credit = -streams.Values.Sum(stream => stream.UnsentBytes);
        }

        Log.Connected(logger, announced.Count, again);
        changed.Pulse();
        var sending = SendAsync(call, ending.Token);
        try
        {
            while (await call.ResponseStream.MoveNext(ending.Token))
            {
                lock (gate)
                {
                    Receive(call.ResponseStream.Current);
                }

                changed.Pulse();
            }
        }
        finally
        {
            await ending.CancelAsync();
            await sending;
        }
    }

    private async Task SendAsync(AsyncDuplexStreamingCall<V1.PushRequest, V1.PushReply> call, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                Chunk? chunk;
                Task next;
                double median, most;
                lock (gate)
                {
                    next = changed.Next;
                    chunk = streams.Values.Select(stream => stream.TakeUnsent(time.GetTimestamp())).FirstOrDefault(unsent => unsent is not null);
                    (median, most) = chunk is null ? default : (acknowledgements.Quantile(0.5), acknowledgements.Quantile(0.95));
                }

                if (chunk is null)
                {
                    await next.WaitAsync(cancellationToken);
                }
                else
                {
                    await call.RequestStream.WriteAsync(
                        new V1.PushRequest { Chunk = chunk.ToMessage(), AckP50Seconds = median, AckP95Seconds = most }, cancellationToken);
                }
            }
        }
        catch (Exception ended) when (ServiceAway.EndsSending(ended))
        {
            // The reading side of the call reports why it ended.
        }
    }

    private void Receive(V1.PushReply reply)
    {
        switch (reply.BodyCase)
        {
            case V1.PushReply.BodyOneofCase.Credit:
                credit += reply.Credit.Bytes;
                break;
            case V1.PushReply.BodyOneofCase.Drain:
                // Off this thread: whoever listens may want the gate.
                _ = drained.CancelAsync();
                break;
            case V1.PushReply.BodyOneofCase.Ack when Find(reply.Ack.Stream.ToStreamId()) is { } stream:
                acknowledged = true;
                keptBytes -= stream.Acknowledge(reply.Ack.Accepted, reply.Ack.Durable, sent => Acknowledged(time.GetElapsedTime(sent)));
                if (stream.Finished)
                {
                    streams.Remove(stream.Id);
                }

                break;
            case V1.PushReply.BodyOneofCase.Rewind when Find(reply.Rewind.Stream.ToStreamId()) is { } stream:
                credit += stream.UnsentBytes;
                Resume(stream, reply.Rewind.NextSequence);
                credit -= stream.UnsentBytes;
                break;
        }
    }

    private void Acknowledged(TimeSpan took)
    {
        acknowledgements.Add(took);
        options.Acknowledged?.Invoke(took);
    }

    private OutgoingStream? Find(StreamId wireId) => streams.Values.FirstOrDefault(stream => stream.WireId == wireId);

    private void Resume(OutgoingStream stream, long nextSequence)
    {
        if (stream.Resume(nextSequence, out var again))
        {
            resent += again;
        }
        else
        {
            Log.StreamRestarted(logger, stream.Id.ToString(), nextSequence);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "connected to the replay service, resuming {Streams} streams, {Chunks} chunks go again")]
        public static partial void Connected(ILogger logger, int streams, long chunks);

        [LoggerMessage(2, LogLevel.Warning, "replay service not reached ({Status}: {Detail}); trying again in {Seconds} s")]
        public static partial void Disconnected(ILogger logger, StatusCode status, string detail, double seconds);

        [LoggerMessage(3, LogLevel.Warning, "the replay service forgot stream {Stream} (it asks for sequence {Next}); what is still kept goes on as a new stream")]
        public static partial void StreamRestarted(ILogger logger, string stream, long next);
    }
}
