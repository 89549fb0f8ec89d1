using Dreamer.Contracts;
using Dreamer.Experience;
using Dreamer.Spaces;
using Dreamer.System.Tests.Processes;
using Google.Protobuf;
using Grpc.Core;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.System.Tests.Wire;

/// <summary>What the replay service does not take: refused with a status that says why, counted, nothing stored, other calls go on.</summary>
public sealed class ChunkRefusalTests
{
    private static readonly Schema Schema = Schema.For(
        new EnvironmentSpec(ActionSpec.Parse("discrete:2"), new TensorSpec("vector", DType.Float32, 4)), []);

    [Theory]
    [InlineData("checksum", StatusCode.InvalidArgument, "CRC32C")]
    [InlineData("schema hash", StatusCode.InvalidArgument, "schema hash")]
    [InlineData("nan observation", StatusCode.InvalidArgument, "'vector'")]
    [InlineData("infinite reward", StatusCode.InvalidArgument, "'reward'")]
    [InlineData("flag", StatusCode.InvalidArgument, "'is_last'")]
    [InlineData("no first", StatusCode.InvalidArgument, "is_first")]
    [InlineData("short column", StatusCode.InvalidArgument, "'action'")]
    [InlineData("columns", StatusCode.InvalidArgument, "columns")]
    [InlineData("steps", StatusCode.InvalidArgument, "steps")]
    [InlineData("too many steps", StatusCode.InvalidArgument, "replay.chunk_steps")]
    [InlineData("sequence", StatusCode.InvalidArgument, "sequence")]
    [InlineData("stream", StatusCode.InvalidArgument, "16 bytes")]
    [InlineData("episode", StatusCode.InvalidArgument, "episode")]
    [InlineData("fact", StatusCode.InvalidArgument, "a-z, 0-9, _ and /")]
    [InlineData("empty", StatusCode.InvalidArgument, "chunks only")]
    [InlineData("size", StatusCode.ResourceExhausted, "")]
    public async Task A_chunk_that_does_not_fit_is_refused(string fault, StatusCode status, string reason)
    {
        await using var server = new ReplayServer("--replay.max_message_bytes", "256KiB");
        using var limit = new CancellationTokenSource(Until.Limit);
        await AssertRefusedAsync(server, status, reason, limit.Token, Hello(Schema), new V1.PushRequest { Chunk = Break(Chunk(64), fault) });

        // The schema was announced, so a good one is taken afterwards.
        Assert.Equal((1, 0), await PushAsync(server, Chunk(64), limit.Token));
        var after = await StatusAsync(server, limit.Token);
        Assert.Equal((64, 1), (after.InsertedSteps, after.Chunks));
        Assert.Equal(fault is "size" or "empty" ? 0 : 1, after.Refused);
    }

    [Theory]
    [InlineData("hello twice", "chunks only")]
    [InlineData("no hello", "Hello")]
    [InlineData("no schema", "schema")]
    [InlineData("nameless", "name")]
    [InlineData("wrong hash", "hash")]
    public async Task A_call_that_begins_wrong_is_refused(string fault, string reason)
    {
        await using var server = new ReplayServer();
        using var limit = new CancellationTokenSource(Until.Limit);
        var hello = Hello(Schema);
        switch (fault)
        {
            case "no schema":
                hello.Hello.Schema = null;
                break;
            case "nameless":
                hello.Hello.Actor = "";
                break;
            case "wrong hash":
                hello.Hello.Schema.Hash++;
                break;
        }

        V1.PushRequest[] requests = fault == "hello twice" ? [hello, hello] : fault == "no hello" ? [new V1.PushRequest { Chunk = Chunk(64) }] : [hello];
        await AssertRefusedAsync(server, StatusCode.InvalidArgument, reason, limit.Token, requests);
        Assert.Equal(0, (await StatusAsync(server, limit.Token)).InsertedSteps);
    }

    [Theory]
    [InlineData(double.NaN, double.NaN)]
    [InlineData(-1, 1)]
    [InlineData(2, 1)]
    [InlineData(0, double.PositiveInfinity)]
    public async Task Acknowledgements_that_took_an_impossible_time_are_refused(double median, double most)
    {
        await using var server = new ReplayServer();
        using var limit = new CancellationTokenSource(Until.Limit);
        var request = new V1.PushRequest { Chunk = Chunk(64), AckP50Seconds = median, AckP95Seconds = most };
        await AssertRefusedAsync(server, StatusCode.InvalidArgument, "ack_p50_seconds", limit.Token, Hello(Schema), request);
        Assert.Equal((0, 1), ((await StatusAsync(server, limit.Token)).InsertedSteps, (await StatusAsync(server, limit.Token)).Refused));
    }

    [Fact]
    public async Task Another_schema_is_refused_by_its_key_and_a_chunk_out_of_order_rewinds()
    {
        await using var server = new ReplayServer();
        using var limit = new CancellationTokenSource(Until.Limit);
        Assert.Equal((1, 0), await PushAsync(server, Chunk(64), limit.Token));

        var other = Schema.For(new EnvironmentSpec(ActionSpec.Parse("discrete:2"), new TensorSpec("vector", DType.Float32, 5)), []);
        await AssertRefusedAsync(server, StatusCode.FailedPrecondition, "'vector'", limit.Token, Hello(other));

        var late = Chunk(64);
        (late.Stream, late.Sequence) = (StreamId.NewRandom().ToMessage(), 5);
        Assert.Equal((0, 1), await PushAsync(server, late, limit.Token));
        var after = await StatusAsync(server, limit.Token);
        Assert.Equal((64, 1, 1), (after.InsertedSteps, after.Chunks, after.Gaps));
    }

    private static V1.PushRequest Hello(Schema schema) => new() { Hello = new V1.Hello { Actor = "test", Schema = schema.ToMessage() } };

    private static V1.Chunk Chunk(int steps)
    {
        var columns = Schema.Tensors.Select(tensor => new byte[tensor.Bytes * steps]).ToArray();
        columns[Schema.IsFirstIndex][0] = 1;
        return new Chunk
        {
            Stream = StreamId.NewRandom(),
            Sequence = 0,
            Steps = steps,
            SchemaHash = Schema.Hash,
            Columns = [.. columns.Select(column => (ReadOnlyMemory<byte>)column)],
            Episodes = [new Episode(steps - 1, 1, steps - 1, [new EpisodeFact("achievement/wake_up", 1)])],
        }.ToMessage();
    }

    private static V1.Chunk Break(V1.Chunk chunk, string fault)
    {
        switch (fault)
        {
            case "checksum":
                chunk.Crc32C ^= 1;
                return chunk;
            case "schema hash":
                chunk.SchemaHash ^= 1;
                return chunk;
            case "nan observation":
                Change(chunk, "vector", column => BitConverter.TryWriteBytes(column.AsSpan(16), float.NaN));
                break;
            case "infinite reward":
                Change(chunk, "reward", column => BitConverter.TryWriteBytes(column.AsSpan(8), float.PositiveInfinity));
                break;
            case "flag":
                Change(chunk, "is_last", column => column[3] = 2);
                break;
            case "no first":
                Change(chunk, "is_first", column => column[0] = 0);
                break;
            case "short column":
                chunk.Columns[Schema.IndexOf("action")] = ByteString.CopyFrom(new byte[4]);
                break;
            case "columns":
                chunk.Columns.RemoveAt(0);
                break;
            case "steps":
                chunk.Steps = 0;
                break;
            case "too many steps":
                return Chunk(65);
            case "sequence":
                chunk.Sequence = -1;
                break;
            case "stream":
                chunk.Stream = ByteString.CopyFromUtf8("short");
                break;
            case "episode":
                chunk.Episodes[0].EndStep = 64;
                break;
            case "fact":
                chunk.Episodes[0].Facts.Add(new V1.EpisodeFact { Name = "Not for a log" });
                break;
            case "empty":
                return null!;
            case "size":
                return Chunk(65_536);
            default:
                throw new ArgumentOutOfRangeException(nameof(fault));
        }

        return chunk;
    }

    /// <summary>Changes a column and makes the checksum right again.</summary>
    private static void Change(V1.Chunk chunk, string key, Action<byte[]> change)
    {
        var column = chunk.Columns[Schema.IndexOf(key)].ToByteArray();
        change(column);
        chunk.Columns[Schema.IndexOf(key)] = ByteString.CopyFrom(column);
        chunk.Crc32C = chunk.Columns.Aggregate(0u, (crc, next) => Crc32C.Append(crc, next.Span));
    }

    private static async Task AssertRefusedAsync(
        ReplayServer server, StatusCode status, string reason, CancellationToken limit, params V1.PushRequest[] requests)
    {
        var before = await StatusAsync(server, limit);
        using var channel = server.OpenChannel("actor");
        using var call = new V1.Experience.ExperienceClient(channel.Invoker).Push(cancellationToken: limit);
        var refused = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            try
            {
                foreach (var request in requests)
                {
                    await call.RequestStream.WriteAsync(request, limit);
                }
            }
            catch (Exception ended) when (ended is OperationCanceledException or InvalidOperationException or IOException)
            {
                // Refused before all of it was sent; the response says why.
            }

            while (await call.ResponseStream.MoveNext(limit))
            {
            }
        });
        Assert.Equal(status, refused.StatusCode);
        Assert.Contains(reason, refused.Status.Detail);
        var after = await StatusAsync(server, limit);
        Assert.Equal((before.InsertedSteps, before.Chunks, before.Streams), (after.InsertedSteps, after.Chunks, after.Streams));
    }

    /// <summary>Sends one good call; returns what was accepted, and how many rewinds were asked for.</summary>
    private static async Task<(long Accepted, int Rewinds)> PushAsync(ReplayServer server, V1.Chunk chunk, CancellationToken limit)
    {
        using var channel = server.OpenChannel("actor");
        using var call = new V1.Experience.ExperienceClient(channel.Invoker).Push(new CallOptions(cancellationToken: limit).WithWaitForReady());
        await call.RequestStream.WriteAsync(Hello(Schema), limit);
        await call.RequestStream.WriteAsync(new V1.PushRequest { Chunk = chunk }, limit);
        await call.RequestStream.CompleteAsync();
        var (accepted, rewinds) = (0L, 0);
        while (await call.ResponseStream.MoveNext(limit))
        {
            accepted = Math.Max(accepted, call.ResponseStream.Current.Ack?.Accepted ?? 0);
            rewinds += call.ResponseStream.Current.Rewind is null ? 0 : 1;
            if (accepted + rewinds > 0)
            {
                break;
            }
        }

        return (accepted, rewinds);
    }

    private static async Task<V1.StatusReply> StatusAsync(ReplayServer server, CancellationToken limit)
    {
        using var channel = server.OpenChannel("learner");
        return await new V1.Replay.ReplayClient(channel.Invoker).StatusAsync(new V1.StatusRequest(), new CallOptions(cancellationToken: limit).WithWaitForReady());
    }
}
