using Dreamer.Contracts;
using Dreamer.Contracts.Clients;
using Dreamer.Experience;
using Dreamer.System.Tests.Processes;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.System.Tests.Wire;

/// <summary>Plans that a learner cannot use, and calls for one before it has attached.</summary>
public sealed class UnreadPlanTests
{
    private const int Steps = 32;
    private static readonly LearnerHello Hello = new(TinyChunks.Schema, BatchSize: 1, Length: 8, Context: 1, TrainRatio: 1e-6, Seed: 1, MinItems: 1);

    [Fact]
    public async Task A_plan_that_could_not_be_read_may_be_drawn_again_and_counts_once()
    {
        await using var server = new ReplayServer();
        using var patience = new CancellationTokenSource(Until.Limit);
        await InsertAsync(server, patience.Token);
        using var channel = server.OpenChannel("learner");
        var client = new V1.Replay.ReplayClient(channel.Invoker);
        await using var replay = new GrpcReplay(client, new MemoryChunkStore(), TimeProvider.System, NullLogger<GrpcReplay>.Instance);
        await replay.AttachAsync(Hello, patience.Token);

        // There is credit for one batch, so without what it is given back the second call would wait for ever.
        var unread = await replay.SampleAsync(patience.Token);
        await replay.ReturnAsync(unread, patience.Token);
        var read = await replay.SampleAsync(patience.Token);
        Assert.Equal(unread.ReplayedSteps, read.ReplayedSteps);
        Assert.True(read.Draws > unread.Draws);
    }

    [Fact]
    public async Task A_service_that_no_learner_has_attached_to_says_so_instead_of_waiting()
    {
        await using var server = new ReplayServer();
        using var patience = new CancellationTokenSource(Until.Limit);
        await InsertAsync(server, patience.Token);
        using var channel = server.OpenChannel("learner");
        var client = new V1.Replay.ReplayClient(channel.Invoker);

        var refused = await Assert.ThrowsAsync<RpcException>(async () => await client.SampleAsync(new V1.SampleRequest(), cancellationToken: patience.Token));

        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
        await client.AttachAsync(Hello.ToMessage(), cancellationToken: patience.Token);
        Assert.Equal(1, (await client.SampleAsync(new V1.SampleRequest(), cancellationToken: patience.Token)).Id);
    }

    private static Task InsertAsync(ReplayServer server, CancellationToken cancellation) =>
        TinyChunks.SendAsync(server, TinyChunks.Next(new ChunkBuilder(TinyChunks.Schema, StreamId.NewRandom(), Steps), Steps), cancellation);
}
