using System.Security.Cryptography;
using Dreamer.Contracts;
using Dreamer.Contracts.Clients;
using Dreamer.Policies;
using Dreamer.Replay;
using Dreamer.System.Tests.Processes;
using Dreamer.Testing;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.System.Tests.Wire;

/// <summary>Weights on their way from a learner to actors.</summary>
public sealed class WeightsTests
{
    [Fact]
    public async Task Who_subscribed_first_gets_every_version_that_is_the_newest()
    {
        await using var server = new ReplayServer();
        using var actor = server.OpenChannel("actor");
        using var learner = server.OpenChannel("learner");
        await using var reading = new GrpcPolicyFeed(new V1.Weights.WeightsClient(actor.Invoker), TimeProvider.System, NullLogger<GrpcPolicyFeed>.Instance);
        await using var writing = new GrpcPolicyFeed(new V1.Weights.WeightsClient(learner.Invoker), TimeProvider.System, NullLogger<GrpcPolicyFeed>.Instance);
        using var limit = new CancellationTokenSource(Until.Limit);

        var first = reading.NextAsync(-1, limit.Token);
        Assert.Equal(0, await writing.PublishAsync(Weights(0), limit.Token));
        Assert.Equal(0, (await first).Version);
        var second = reading.NextAsync(0, limit.Token);
        Assert.Equal(5, await writing.PublishAsync(Weights(5), limit.Token));
        Assert.Equal(5, (await second).Version);

        // An older one changes nothing.
        Assert.Equal(5, await writing.PublishAsync(Weights(4), limit.Token));
        Assert.Equal(5, (await reading.NextAsync(-1, limit.Token)).Version);
    }

    [Theory]
    [InlineData("hash", "SHA-256")]
    [InlineData("cut", "ended after")]
    [InlineData("long", "its header says")]
    [InlineData("headless", "header")]
    [InlineData("huge", "out of range")]
    public async Task A_version_that_arrives_damaged_is_refused_and_the_old_one_stays(string damage, string reason)
    {
        await using var server = new ReplayServer();
        using var learner = server.OpenChannel("learner");
        using var limit = new CancellationTokenSource(Until.Limit);
        var client = new V1.Weights.WeightsClient(learner.Invoker);
        await using (var feed = new GrpcPolicyFeed(client, TimeProvider.System, NullLogger<GrpcPolicyFeed>.Instance))
        {
            await feed.PublishAsync(Weights(3), limit.Token);
        }

        var frames = WeightFrames.Split(Weights(4)).ToList();
        switch (damage)
        {
            case "hash":
                frames[2] = new V1.WeightFrame { Data = ByteString.CopyFrom([.. frames[2].Data.Select((value, at) => at == 7 ? (byte)~value : value)]) };
                break;
            case "cut":
                frames.RemoveAt(frames.Count - 1);
                break;
            case "long":
                frames[^1] = new V1.WeightFrame { Data = ByteString.CopyFrom([.. frames[^1].Data, 0]) };
                break;
            case "headless":
                frames.RemoveAt(0);
                break;
            case "huge":
                frames[0].Header.WeightBytes = 1L << 40;
                break;
        }

        var refused = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            using var call = client.Publish(cancellationToken: limit.Token);
            try
            {
                foreach (var frame in frames)
                {
                    await call.RequestStream.WriteAsync(frame, limit.Token);
                }

                await call.RequestStream.CompleteAsync();
            }
            catch (Exception ended) when (ended is OperationCanceledException or InvalidOperationException or IOException)
            {
                // Refused before all of it was sent; the response says why.
            }

            await call.ResponseAsync;
        });
        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.Contains(reason, refused.Status.Detail);
        Assert.Equal(3, (await new V1.Replay.ReplayClient(learner.Invoker).StatusAsync(new V1.StatusRequest(), cancellationToken: limit.Token)).WeightsVersion);
    }

    [Fact]
    public async Task Actors_need_not_wait_until_the_store_has_a_version_and_the_learner_must()
    {
        using var limit = new CancellationTokenSource(Until.Limit);
        var vault = new SlowVault();
        var board = new WeightBoard(vault);
        var publishing = board.PublishAsync(() => Task.FromResult(Weights(1)), limit.Token);
        Assert.Equal(1, (await board.NextAsync(-1, limit.Token)).Version);
        Assert.False(publishing.IsCompleted);
        vault.Saved.SetResult();
        Assert.Equal(1, await publishing);
    }

    /// <summary>More than a connection takes in without an answer: the message that is on its way fails, not just the response.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_publication_whose_connection_breaks_half_way_is_made_again(bool heal)
    {
        await using var server = new ReplayServer();
        await using var proxy = new FaultProxy(server.Address);
        using var learner = server.OpenChannel("learner", proxy.Address);
        using var limit = new CancellationTokenSource(Until.Limit);
        var client = new V1.Weights.WeightsClient(learner.Invoker);
        await using var feed = new GrpcPolicyFeed(client, TimeProvider.System, NullLogger<GrpcPolicyFeed>.Instance);
        Assert.Equal(1, await feed.PublishAsync(Weights(1), limit.Token));

        proxy.Partition();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(limit.Token);
        var publishing = feed.PublishAsync(Weights(2), ending.Token);
        await Task.Delay(TimeSpan.FromSeconds(0.5), limit.Token);
        Assert.False(publishing.IsCompleted);
        if (heal)
        {
            proxy.Heal();
        }

        proxy.Reset();
        if (heal)
        {
            Assert.Equal(2, await publishing);
        }
        else
        {
            await ending.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => publishing);
        }
    }

    private sealed class SlowVault : IPolicyVault
    {
        public TaskCompletionSource Saved { get; } = new();

        public Task SaveAsync(PolicyBlob blob, CancellationToken cancellationToken) => Saved.Task;

        public Task<PolicyBlob?> LoadAsync(CancellationToken cancellationToken) => Task.FromResult<PolicyBlob?>(null);
    }

    private static PolicyBlob Weights(long version) => PolicyBlob.Create(version, """{"agent":"test"}"""u8.ToArray(), RandomNumberGenerator.GetBytes(3 << 20));
}
