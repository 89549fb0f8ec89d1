using System.Net;
using Dreamer.Environments;
using Dreamer.Hosting.Edge;
using Dreamer.Hosting.Edge.Tls;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dreamer.Remote.Tests.Support;

/// <summary>Our server in this process, on a free port or one that was free.</summary>
internal sealed class ServedEnvironment : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ServedEnvironment(WebApplication app) => _app = app;

    public int Port => new Uri(_app.Urls.Single()).Port;

    /// <summary>What <c>--env</c> says.</summary>
    public string Name => $"remote:127.0.0.1:{Port}";

    /// <param name="make">Null for a gRPC server without our service.</param>
    /// <param name="port">0 takes a free one.</param>
    public static async Task<ServedEnvironment> StartAsync(Func<ulong, IEnvironment>? make, int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(new EnvironmentService(make ?? (_ => throw new NotSupportedException()), 0, NullLogger<EnvironmentService>.Instance));
        var app = builder.Build();
        if (make is not null)
        {
            app.MapGrpcService<EnvironmentService>();
        }

        await app.StartAsync();
        return new ServedEnvironment(app);
    }

    /// <summary>As <c>dreamer env serve</c> does, with its security.</summary>
    public static async Task<ServedEnvironment> StartAsync(EnvironmentOptions options, int sessions = 64)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.AddDreamerEndpoints(new ServiceEndpoints(ListenAddress.Parse("--listen", "127.0.0.1:0"), null)
        {
            Tls = ServerTls.Open("env.remote.tls", options.Remote.Tls, TimeProvider.System),
        });
        builder.Services.AddEnvironmentServer(sessions, TokenBook.Load([(PeerRole.Actor, "env.remote.token_file", options.Remote.TokenFile)], TimeProvider.System));
        builder.Services.AddSingleton(new EnvironmentService(seed => EnvironmentRegistry.Make(options, seed), 0, NullLogger<EnvironmentService>.Instance));
        builder.Services.AddMetrics();
        var app = builder.Build();
        app.MapGrpcService<EnvironmentService>();
        await app.StartDreamerAsync(CancellationToken.None);
        return new ServedEnvironment(app);
    }

    /// <summary>Ends at once; streams that are open break.</summary>
    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }
}
