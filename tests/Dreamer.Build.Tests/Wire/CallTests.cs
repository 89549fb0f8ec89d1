using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace Dreamer.Build.Tests.Wire;

/// <summary>The real gRPC client and server, over whichever contracts this build has, across a real socket.</summary>
public sealed class CallTests
{
    [Fact]
    public async Task UnaryCarriesHeadersMessageTrailersAndStatus()
    {
        await using var host = await EchoHost.Start();
        using var call = host.Client.UnaryAsync(
            new EchoMessage { Number = 7, Text = "seven" }, new Metadata { { "X-One", "1" }, { "x-raw-bin", [1, 2, 0] } });

        var headers = await call.ResponseHeadersAsync;
        var response = await call;

        Assert.Equal((7, "seven"), (response.Number, response.Text));
        Assert.Equal("1", headers.GetValue("x-one"));
        Assert.Equal([1, 2, 0], headers.GetValueBytes("x-raw-bin")!);
        Assert.Equal("1", call.GetTrailers().GetValue("count"));
        Assert.Equal([0, 255, 7], call.GetTrailers().GetValueBytes("raw-bin")!);
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task BlockingUnaryAnswers()
    {
        await using var host = await EchoHost.Start();

        Assert.Equal(3, host.Client.Unary(new EchoMessage { Number = 3 }).Number);
    }

    [Fact]
    public async Task MessagesOf32MegabytesPass()
    {
        await using var host = await EchoHost.Start();
        var payload = new byte[32 << 20];
        new Random(1).NextBytes(payload);

        var response = await host.Client.UnaryAsync(new EchoMessage { Payload = UnsafeByteOperations.UnsafeWrap(payload) });

        Assert.True(response.Payload.Span.SequenceEqual(payload));
    }

    [Fact]
    public async Task ClientStreamIsSummed()
    {
        await using var host = await EchoHost.Start();
        using var call = host.Client.ClientStream();

        for (var number = 1; number <= 100; number++)
        {
            await call.RequestStream.WriteAsync(new EchoMessage { Number = number });
        }

        await call.RequestStream.CompleteAsync();

        Assert.Equal(5050, (await call).Number);
    }

    [Fact]
    public async Task ServerStreamArrivesInOrderWithTrailers()
    {
        await using var host = await EchoHost.Start();
        using var call = host.Client.ServerStream(new EchoMessage { Number = 100 });

        List<long> numbers = [];
        await foreach (var message in call.ResponseStream.ReadAllAsync())
        {
            numbers.Add(message.Number);
        }

        Assert.Equal(Enumerable.Range(0, 100).Select(number => (long)number), numbers);
        Assert.Equal("100", call.GetTrailers().GetValue("sent"));
    }

    [Fact]
    public async Task DuplexAnswersEachMessageBeforeTheNext()
    {
        await using var host = await EchoHost.Start();
        using var call = host.Client.Duplex();

        for (var number = 0; number < 50; number++)
        {
            await call.RequestStream.WriteAsync(new EchoMessage { Number = number });
            Assert.True(await call.ResponseStream.MoveNext());
            Assert.Equal(number, call.ResponseStream.Current.Number);
        }

        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext());
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task DeadlineEndsTheCallOnBothSides()
    {
        await using var host = await EchoHost.Start();
        var began = DateTime.UtcNow;

        // On a busy machine a call may take longer than that to get there at all.
        for (var patience = 0.5; !host.Log.Started.Task.IsCompleted; patience *= 2)
        {
            var deadline = DateTime.UtcNow.AddSeconds(patience);
            var error = await Assert.ThrowsAsync<RpcException>(
                async () => await host.Client.HangAsync(new EchoMessage(), new CallOptions().WithDeadline(deadline)));
            Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
        }

        Assert.True(await host.Log.Ended.Task);
        Assert.InRange(host.Log.Deadline, began, DateTime.UtcNow.AddMinutes(1));
    }

    [Fact]
    public async Task CancellationEndsTheCallOnBothSides()
    {
        await using var host = await EchoHost.Start();
        using var cancellation = new CancellationTokenSource();

        var call = host.Client.HangAsync(new EchoMessage(), cancellationToken: cancellation.Token).ResponseAsync;
        await host.Log.Started.Task;
        await cancellation.CancelAsync();

        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(() => call)).StatusCode);
        Assert.True(await host.Log.Ended.Task);
        Assert.Equal(DateTime.MaxValue, host.Log.Deadline);
    }

    [Fact]
    public async Task DisposingACallCancelsIt()
    {
        await using var host = await EchoHost.Start();

        using (host.Client.HangAsync(new EchoMessage()))
        {
            await host.Log.Started.Task;
        }

        Assert.True(await host.Log.Ended.Task);
    }

    [Fact]
    public async Task AServiceChoosesStatusAndTrailers()
    {
        await using var host = await EchoHost.Start();

        var error = await Assert.ThrowsAsync<RpcException>(async () => await host.Client.FailAsync(new EchoMessage { Text = "not yet" }));

        Assert.Equal((StatusCode.FailedPrecondition, "not yet"), (error.StatusCode, error.Status.Detail));
        Assert.Equal("wait", error.Trailers.GetValue("remedy"));
    }

    [Fact]
    public async Task AnUnhandledErrorIsUnknownAndKeepsTheServersSecrets()
    {
        await using var host = await EchoHost.Start();

        var error = await Assert.ThrowsAsync<RpcException>(async () => await host.Client.FailAsync(new EchoMessage { Text = "unhandled" }));

        Assert.Equal(StatusCode.Unknown, error.StatusCode);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NobodyThereIsUnavailable()
    {
        using var channel = GrpcChannel.ForAddress("http://127.0.0.1:1");

        var error = await Assert.ThrowsAsync<RpcException>(
            async () => await new Echo.EchoClient(channel).UnaryAsync(new EchoMessage()));

        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
        Assert.NotNull(error.Status.DebugException);
    }

    [Fact]
    public async Task CompressedMessagesAreUnderstood()
    {
        await using var host = await EchoHost.Start();
        var text = new string('a', 100_000);

        var response = await host.Client.UnaryAsync(
            new EchoMessage { Text = text }, new Metadata { { "grpc-internal-encoding-request", "gzip" } });

        Assert.Equal(text, response.Text);
    }
}
