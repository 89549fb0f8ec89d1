using Dreamer.Contracts;
using Dreamer.Experience;
using Dreamer.Hosting.Edge;
using Dreamer.Policies;
using Dreamer.Spaces;
using Dreamer.System.Tests.Processes;
using Grpc.Core;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.System.Tests.Wire;

/// <summary>What one peer may take of the replay service; each limit names its setting.</summary>
public sealed class LimitTests : IDisposable
{
    private const int Steps = 64;

    private static readonly Schema Schema = Schema.For(
        new EnvironmentSpec(ActionSpec.Parse("discrete:2"), new TensorSpec("image", DType.UInt8, 64, 64, 3)), []);

    private readonly CancellationTokenSource _limit = new(Until.Limit);

    public void Dispose() => _limit.Dispose();

    [Fact]
    public async Task Actors_beyond_the_limit_are_refused_until_one_leaves()
    {
        await using var server = new ReplayServer("--replay.limits.actors", "1");
        using var channel = server.OpenChannel("actor");
        using (var first = await JoinAsync(channel))
        {
            await AssertRefusedAsync(channel, "replay.limits.actors", Hello());
            await first.RequestStream.CompleteAsync();
            while (await first.ResponseStream.MoveNext(_limit.Token))
            {
            }
        }

        await Until.HoldsAsync("the place is free", async () =>
        {
            try
            {
                using var next = await JoinAsync(channel);
                return true;
            }
            catch (RpcException refused) when (refused.StatusCode == StatusCode.ResourceExhausted)
            {
                return false;
            }
        });
    }

    [Fact]
    public async Task Streams_of_an_actor_are_bounded_announced_or_not()
    {
        await using var server = new ReplayServer("--replay.limits.streams_per_actor", "2");
        using var channel = server.OpenChannel("actor");
        await AssertRefusedAsync(channel, "replay.limits.streams_per_actor", Hello(1, 2, 3));
        await AssertRefusedAsync(channel, "replay.limits.streams_per_actor", Hello(), Chunk(1), Chunk(2), Chunk(3));

        // Those that have ended and are durable do not count.
        using var call = await JoinAsync(channel);
        for (var stream = 10u; stream < 20; stream++)
        {
            await call.RequestStream.WriteAsync(Chunk(stream, ends: true), _limit.Token);
            V1.Ack? ack = null;
            while (ack is not { Durable: 1 } || StreamId.Read(ack.Stream.Span).Value != stream)
            {
                Assert.True(await call.ResponseStream.MoveNext(_limit.Token));
                ack = call.ResponseStream.Current.Ack;
            }
        }
    }

    [Fact]
    public async Task The_service_remembers_so_many_streams_and_forgets_those_without_chunks_first()
    {
        await using var server = new ReplayServer("--replay.limits.streams", "3", "--replay.capacity_steps", $"{2 * Steps}");
        using var channel = server.OpenChannel("actor");
        using var call = await JoinAsync(channel);
        for (var stream = 1u; stream <= 8; stream++)
        {
            await call.RequestStream.WriteAsync(Chunk(stream), _limit.Token);
            await AcknowledgedAsync(call, stream);
        }

        Assert.InRange((await StatusAsync(server)).Streams, 2, 3);
        await using var full = new ReplayServer("--replay.limits.streams", "3");
        using var other = full.OpenChannel("actor");
        await AssertRefusedAsync(other, "replay.limits.streams", Hello(), Chunk(1), Chunk(2), Chunk(3), Chunk(4));
        Assert.Equal(3, (await StatusAsync(full)).Chunks);
    }

    [Fact]
    public async Task An_actor_that_minds_neither_credit_nor_answers_is_cut_off_and_takes_no_memory()
    {
        // Nobody learns, so no credit comes back after the head start.
        await using var server = new ReplayServer("--replay.limits.ahead_bytes", "64MiB", "--limiter.head_start_steps", "1", "--replay.capacity_bytes", "8MiB");
        using var channel = server.OpenChannel("actor");
        var chunks = Enumerable.Range(0, 160).Select(sequence => Chunk(1, sequence: sequence)).ToArray();
        await StatusAsync(server);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await AssertRefusedAsync(channel, "replay.limits.ahead_bytes", [Hello(), .. chunks]);
        var status = await StatusAsync(server);
        Assert.InRange(status.CommittedChunks, 1, (64 << 20) / (Steps * Schema.StepBytes) + 3);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 48 << 20);
    }

    [Fact]
    public async Task Weights_have_a_size_and_no_sum_of_lengths_gets_around_it()
    {
        await using var server = new ReplayServer("--replay.limits.weights_bytes", "1MiB");
        using var channel = server.OpenChannel("learner");
        Assert.Contains("replay.limits.weights_bytes", (await PublishAsync(channel, 1, 2 << 20, StatusCode.ResourceExhausted)).Detail);
        Assert.Contains("out of range", (await PublishAsync(channel, int.MaxValue, long.MaxValue, StatusCode.InvalidArgument)).Detail);
    }

    private async Task<Status> PublishAsync(ReplayChannel channel, int manifest, long weights, StatusCode expected)
    {
        using var call = new V1.Weights.WeightsClient(channel.Invoker).Publish(new CallOptions(cancellationToken: _limit.Token).WithWaitForReady());
        var header = new V1.WeightHeader { Version = 1, ManifestBytes = manifest, WeightBytes = weights, Sha256 = Google.Protobuf.ByteString.CopyFrom(new byte[32]) };
        var refused = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            try
            {
                await call.RequestStream.WriteAsync(new V1.WeightFrame { Header = header }, _limit.Token);
            }
            catch (Exception ended) when (ended is OperationCanceledException or InvalidOperationException or RpcException or IOException)
            {
                // Refused as it was sent; the response says why.
            }

            await call.ResponseAsync;
        });
        Assert.Equal(expected, refused.StatusCode);
        return refused.Status;
    }

    private async Task<AsyncDuplexStreamingCall<V1.PushRequest, V1.PushReply>> JoinAsync(ReplayChannel channel)
    {
        var call = new V1.Experience.ExperienceClient(channel.Invoker).Push(new CallOptions(cancellationToken: _limit.Token).WithWaitForReady());
        await call.RequestStream.WriteAsync(Hello(), _limit.Token);
        Assert.True(await call.ResponseStream.MoveNext(_limit.Token));
        return call;
    }

    private async Task AcknowledgedAsync(AsyncDuplexStreamingCall<V1.PushRequest, V1.PushReply> call, uint stream)
    {
        do
        {
            Assert.True(await call.ResponseStream.MoveNext(_limit.Token));
        }
        while (call.ResponseStream.Current.Ack is not { } ack || StreamId.Read(ack.Stream.Span).Value != stream);
    }

    private async Task AssertRefusedAsync(ReplayChannel channel, string setting, params V1.PushRequest[] requests)
    {
        using var call = new V1.Experience.ExperienceClient(channel.Invoker).Push(new CallOptions(cancellationToken: _limit.Token).WithWaitForReady());
        var refused = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            try
            {
                foreach (var request in requests)
                {
                    await call.RequestStream.WriteAsync(request, _limit.Token);
                }
            }
            catch (Exception ended) when (ended is OperationCanceledException or InvalidOperationException or RpcException or IOException)
            {
                // Refused before all of it was sent; the response says why.
            }

            while (await call.ResponseStream.MoveNext(_limit.Token))
            {
            }
        });
        Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);
        Assert.Contains(setting, refused.Status.Detail);
    }

    private async Task<V1.StatusReply> StatusAsync(ReplayServer server)
    {
        using var channel = server.OpenChannel("learner");
        return await new V1.Replay.ReplayClient(channel.Invoker).StatusAsync(new V1.StatusRequest(), new CallOptions(cancellationToken: _limit.Token).WithWaitForReady());
    }

    private static V1.PushRequest Hello(params uint[] streams) => new()
    {
        Hello = new V1.Hello { Actor = "test", Schema = Schema.ToMessage(), Streams = { streams.Select(stream => new StreamId(stream).ToMessage()) } },
    };

    private static V1.PushRequest Chunk(uint stream, bool ends = false, int sequence = 0)
    {
        var columns = Schema.Tensors.Select(tensor => new byte[tensor.Bytes * Steps]).ToArray();
        columns[Schema.IsFirstIndex][0] = (byte)(sequence == 0 ? 1 : 0);
        return new()
        {
            Chunk = new Chunk
            {
                Stream = new StreamId(stream),
                Sequence = sequence,
                Steps = Steps,
                SchemaHash = Schema.Hash,
                Columns = [.. columns.Select(column => (ReadOnlyMemory<byte>)column)],
                EndsStream = ends,
            }.ToMessage(),
        };
    }
}
