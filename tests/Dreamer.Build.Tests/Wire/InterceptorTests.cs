using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;

namespace Dreamer.Build.Tests.Wire;

/// <summary>Interceptors and credentials around the calls of the real client and server.</summary>
public sealed class InterceptorTests
{
    [Fact]
    public async Task ServersRunInterceptorsInTheirOrder()
    {
        await using var host = await EchoHost.Start();

        await host.Client.UnaryAsync(new EchoMessage());

        Assert.Equal(["first", "second", "method"], host.Log.Lines);
    }

    [Fact]
    public async Task ClientsRunTheFirstInterceptorOutermost()
    {
        await using var host = await EchoHost.Start();
        List<string> order = [];
        var client = new Echo.EchoClient(host.Channel.Intercept(new Recorder("a", order), new Recorder("b", order)));

        await client.UnaryAsync(new EchoMessage());
        using var call = client.Duplex();
        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext());

        Assert.Equal(["a unary", "b unary", "a duplex", "b duplex"], order);
    }

    [Fact]
    public async Task AFunctionChangesTheHeadersOfEveryKindOfCall()
    {
        await using var host = await EchoHost.Start();
        var seen = 0;
        var client = new Echo.EchoClient(host.Channel.Intercept(headers =>
        {
            seen++;
            headers.Add("x-added", "yes");
            return headers;
        }));

        using var unary = client.UnaryAsync(new EchoMessage());
        Assert.Equal("yes", (await unary.ResponseHeadersAsync).GetValue("x-added"));
        client.Unary(new EchoMessage());
        using var clientStream = client.ClientStream();
        using var serverStream = client.ServerStream(new EchoMessage());
        using var duplex = client.Duplex();

        Assert.Equal(5, seen);
    }

    [Fact]
    public async Task CallCredentialsWriteHeaders()
    {
        await using var host = await EchoHost.Start();
        var options = EchoHost.Options();
        options.UnsafeUseInsecureChannelCallCredentials = true;
        using var channel = GrpcChannel.ForAddress(host.Address, options);
        var credentials = CallCredentials.Compose(Adding("x-token"), Adding("x-tenant"));

        using var call = new Echo.EchoClient(channel).UnaryAsync(new EchoMessage(), new CallOptions().WithCredentials(credentials));
        var headers = await call.ResponseHeadersAsync;

        Assert.Equal("Unary", headers.GetValue("x-token"));
        Assert.Equal("Unary", headers.GetValue("x-tenant"));
    }

    [Fact]
    public async Task AClientCanNameAnotherHost()
    {
        await using var host = await EchoHost.Start();

        Assert.Equal(4, (await host.Client.WithHost("elsewhere").UnaryAsync(new EchoMessage { Number = 4 })).Number);
    }

    private static CallCredentials Adding(string key) => CallCredentials.FromInterceptor((context, metadata) =>
    {
        metadata.Add(key, context.MethodName);
        return Task.CompletedTask;
    });

    private sealed class Recorder(string name, List<string> order) : Interceptor
    {
        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            TRequest request,
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
        {
            order.Add($"{name} unary");
            return base.AsyncUnaryCall(request, context, continuation);
        }

        public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncDuplexStreamingCallContinuation<TRequest, TResponse> continuation)
        {
            order.Add($"{name} duplex");
            return base.AsyncDuplexStreamingCall(context, continuation);
        }
    }
}
