using System.Diagnostics;
using System.Diagnostics.Metrics;
using Dreamer.Contracts.Clients;
using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Edge;
using Dreamer.Hosting.Settings;
using Dreamer.Hosting.Telemetry;
using Dreamer.Spaces;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.Replay;

/// <summary>
/// A relay of the weights as a host: one subscription to the replay service, or to another relay, passed on to the actors near it. It
/// verifies each version before anybody gets it, and while the service is away it has the newest.
/// </summary>
public static partial class RelayHost
{
    internal static readonly IReadOnlyDictionary<string, PeerRole> Access = new Dictionary<string, PeerRole>
    {
        ["/dreamer.v1.Weights/Subscribe"] = PeerRole.Actor | PeerRole.Learner,
    };

    /// <summary>Serves until cancelled.</summary>
    /// <exception cref="Grpc.Core.RpcException">The service refuses its token.</exception>
    public static async Task<int> RunAsync(DreamerConfiguration configuration, CancellationToken cancellation)
    {
        var settings = configuration.Bind<RelaySettings>("relay");
        var replay = configuration.Bind<ReplaySettings>("replay");
        var builder = WebApplication.CreateSlimBuilder();
        builder.AddDreamerTelemetry("dreamer-relay", configuration);
        var ownTls = settings.Tls != new TlsFiles();
        var edge = new ReplayEdge(
            builder,
            replay,
            ownTls ? ("relay.tls", settings.Tls) : ("replay.tls", replay.Tls),
            ListenAddress.Parse("relay.listen", settings.Listen),
            ListenAddress.Parse("relay.health_listen", settings.HealthListen),
            Access,
            new ErrorMap());
        using var channel = ReplayChannel.Open(replay);
        GrpcPolicyFeed? upstream = null;
        builder.Services.AddSingleton(services => new GrpcPolicyFeed(
                new V1.Weights.WeightsClient(channel.Invoker), TimeProvider.System, services.GetRequiredService<ILogger<GrpcPolicyFeed>>()))
            .AddReadiness(_ => ValueTask.FromResult(upstream is { HasWeights: true } ? null : "no weights have arrived yet"));

        await using var app = builder.Build();
        upstream = app.Services.GetRequiredService<GrpcPolicyFeed>();
        app.MapGrpcService<RelayEndpoint>();
        app.MapDreamerHealth();
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Dreamer.Relay");
        edge.Warning += line => Log.Warning(logger, line);

        await app.StartDreamerAsync(cancellation);
        Log.Listening(logger, settings.Listen, replay.Address);
        await await Task.WhenAny(app.WaitForShutdownAsync(cancellation), WatchAsync(upstream, cancellation));
        return 0;
    }

    /// <summary>Asks for every version, so that it is here before an actor asks, and measures.</summary>
    private static async Task WatchAsync(GrpcPolicyFeed feed, CancellationToken cancellation)
    {
        using var meter = new Meter("Dreamer.Replay");
        var (version, arrived) = (-1L, Stopwatch.GetTimestamp());
        meter.Gauge(Instruments.PolicyVersion, () => Interlocked.Read(ref version));
        meter.Gauge(Instruments.PolicyAge, () => Stopwatch.GetElapsedTime(Interlocked.Read(ref arrived)).TotalSeconds);
        meter.Counter(Instruments.PolicyRejected, () => feed.Damaged);
        while (true)
        {
            var newest = await feed.NextAsync(version, cancellation);
            Interlocked.Exchange(ref arrived, Stopwatch.GetTimestamp());
            Interlocked.Exchange(ref version, newest.Version);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "relay listens on {Address}, weights from {Upstream}")]
        public static partial void Listening(ILogger logger, string address, string upstream);

        [LoggerMessage(2, LogLevel.Warning, "{Warning}")]
        public static partial void Warning(ILogger logger, string warning);
    }
}
