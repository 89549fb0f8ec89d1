using Dreamer.Hosting.Edge;
using Dreamer.Hosting.Edge.Tls;
using Dreamer.Hosting.Settings;
using Dreamer.Hosting.Telemetry;
using Dreamer.Spaces;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Dreamer.Hosting.Tests.Edge;

/// <summary>The edge service on free ports behind everything that a real service has.</summary>
internal sealed class EdgeHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private EdgeHost(WebApplication app) => _app = app;

    public string Grpc => _app.Urls.First();

    public string Health => _app.Urls.Last();

    public static async Task<EdgeHost> StartAsync(
        IEnumerable<KeyValuePair<PeerRole, string>>? tokens = null, HealthStatus store = HealthStatus.Healthy, ServerTls? tls = null,
        int calls = 0, int connections = 0, int callsPerSecond = 0, long bytesPerSecond = 0, TimeProvider? time = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.AddDreamerTelemetry("edge", new TelemetrySettings { LogLevel = LogLevel.None, ExportSeconds = 60 });
        builder.AddDreamerEndpoints(
            new ServiceEndpoints(ListenAddress.Parse("replay.listen", "127.0.0.1:0"), ListenAddress.Parse("replay.health_listen", "127.0.0.1:0"))
            {
                Tls = tls,
                MaxConnections = connections,
            });
        builder.Services.AddHealthChecks()
            .AddCheck("store", () => new HealthCheckResult(store, "of the test"), [EdgeExtensions.ReadyTag])
            .AddCheck("extra", () => HealthCheckResult.Healthy());
        var access = new RpcAccess(new Dictionary<string, PeerRole>
        {
            ["/dreamer.tests.Edge/Read"] = PeerRole.Actor | PeerRole.Learner,
            ["/dreamer.tests.Edge/Write"] = PeerRole.Learner,
            ["/dreamer.tests.Edge/Follow"] = PeerRole.Learner,
            ["/dreamer.tests.Edge/Talk"] = PeerRole.Learner,
        });
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.AddDreamerGrpc(
            new EdgeLimits(1 << 20, calls) { CallsPerSecond = callsPerSecond, BytesPerSecond = bytesPerSecond }, new TokenBook(tokens ?? []), access, new ErrorMap().Add<SchemaException>(StatusCode.FailedPrecondition));
        var app = builder.Build();
        app.MapGrpcService<EdgeService>();
        app.MapDreamerHealth();
        await app.StartDreamerAsync(CancellationToken.None);
        return new EdgeHost(app);
    }

    public ReplayChannel Connect(string tokenFile = "", TlsFiles? tls = null, string? address = null) =>
        ReplayChannel.Open(new ReplaySettings { Address = address ?? Grpc, TokenFile = tokenFile, Tls = tls ?? new(), MaxMessageBytes = 64 << 20 });

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
