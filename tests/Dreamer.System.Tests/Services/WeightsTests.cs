using System.Security.Cryptography;
using Dreamer.Contracts;
using Dreamer.Contracts.Clients;
using Dreamer.Policies;
using Dreamer.System.Tests.Processes;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.System.Tests.Services;

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

    private static PolicyBlob Weights(long version) => PolicyBlob.Create(version, """{"agent":"test"}"""u8.ToArray(), RandomNumberGenerator.GetBytes(3 << 20));
}
