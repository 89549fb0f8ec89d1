using V1 = Dreamer.Contracts.V1;

namespace Dreamer.System.Tests;

public sealed class CancellationTests
{
    /// <summary>SIGTERM while the learner or an actor waits for the service must not read as a failure of the service.</summary>
    [Fact]
    public async Task A_call_that_its_caller_gives_up_ends_as_a_cancellation()
    {
        await using var server = new ReplayServer();
        using var channel = server.OpenChannel("learner");
        using var stop = new CancellationTokenSource();
        using var call = new V1.Weights.WeightsClient(channel.Invoker).Subscribe(
            new V1.SubscribeRequest { AfterVersion = -1 }, new Grpc.Core.CallOptions(cancellationToken: stop.Token).WithWaitForReady());

        var waiting = call.ResponseStream.MoveNext(stop.Token);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }
}
