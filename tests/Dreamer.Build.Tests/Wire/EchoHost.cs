using System.Net;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Dreamer.Build.Tests.Wire;

/// <summary>The echo service on a free port in plain-text HTTP/2, and a channel to it.</summary>
internal sealed class EchoHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private EchoHost(WebApplication app)
    {
        _app = app;
        Address = app.Urls.Single();
        Channel = GrpcChannel.ForAddress(Address, Options());
        Client = new Echo.EchoClient(Channel);
    }

    public string Address { get; }

    public GrpcChannel Channel { get; }

    public Echo.EchoClient Client { get; }

    public EchoLog Log => _app.Services.GetRequiredService<EchoLog>();

    public static GrpcChannelOptions Options() => new() { MaxReceiveMessageSize = null };

    public static async Task<EchoHost> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            // Kestrel counts a whole stream as one body and stops at 30 MB unless told otherwise.
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        builder.Services.AddSingleton<EchoLog>();
        builder.Services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = null;
            grpc.Interceptors.Add<LoggingInterceptor>("first");
            grpc.Interceptors.Add<LoggingInterceptor>("second");
        });
        var app = builder.Build();
        app.MapGrpcService<EchoService>();
        await app.StartAsync();
        return new EchoHost(app);
    }

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        await _app.DisposeAsync();
    }

    private sealed class LoggingInterceptor(string name, EchoLog log) : Interceptor
    {
        public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
            TRequest request, Grpc.Core.ServerCallContext context, Grpc.Core.UnaryServerMethod<TRequest, TResponse> continuation)
        {
            log.Add(name);
            context.UserState["last"] = name;
            return await base.UnaryServerHandler(request, context, continuation);
        }
    }
}
