using Dreamer.Contracts;
using Dreamer.Experience;
using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Edge;
using Dreamer.Hosting.Settings;
using Dreamer.Hosting.Telemetry;
using Dreamer.Redis;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dreamer.Replay;

/// <summary>The replay service as a host: takes experience, hands out batch plans, passes weights on.</summary>
public static partial class ReplayHost
{
    /// <summary>Who may call what; an rpc that is not here nobody may call.</summary>
    internal static readonly IReadOnlyDictionary<string, PeerRole> Access = new Dictionary<string, PeerRole>
    {
        ["/dreamer.v1.Experience/Push"] = PeerRole.Actor,
        ["/dreamer.v1.Experience/Report"] = PeerRole.Actor,
        ["/dreamer.v1.Weights/Subscribe"] = PeerRole.Actor | PeerRole.Learner,
        ["/dreamer.v1.Weights/Publish"] = PeerRole.Learner,
        ["/dreamer.v1.Replay/Attach"] = PeerRole.Learner,
        ["/dreamer.v1.Replay/Sample"] = PeerRole.Learner,
        ["/dreamer.v1.Replay/Detach"] = PeerRole.Learner,
        ["/dreamer.v1.Replay/Drain"] = PeerRole.Operator,
        ["/dreamer.v1.Replay/Status"] = PeerRole.Learner | PeerRole.Operator,
    };

    private static readonly ErrorMap Errors = new ErrorMap()
        .Add<InvalidProtocolBufferException>(StatusCode.InvalidArgument)
        .Add<SchemaMismatchException>(StatusCode.FailedPrecondition)
        .Add<InvalidMessageException>(StatusCode.InvalidArgument)
        .Add<InvalidChunkException>(StatusCode.InvalidArgument)
        .Add<Policies.PolicyFormatException>(StatusCode.InvalidArgument)
        .Add<LimitExceededException>(StatusCode.ResourceExhausted)
        .Add<StoreFullException>(StatusCode.ResourceExhausted)
        .Add<StoreFencedException>(StatusCode.Unavailable)
        .Add<StoreRewoundException>(StatusCode.Unavailable)
        .Add<StoreUnavailableException>(StatusCode.Unavailable);

    /// <summary>Serves until cancelled.</summary>
    public static async Task<int> RunAsync(DreamerConfiguration configuration, CancellationToken cancellation)
    {
        var settings = configuration.Bind<ReplaySettings>("replay");
        var builder = WebApplication.CreateSlimBuilder();
        builder.AddDreamerTelemetry("dreamer-replay", configuration);
        var edge = new ReplayEdge(
            builder,
            settings,
            ("replay.tls", settings.Tls),
            ListenAddress.Parse("replay.listen", settings.Listen),
            ListenAddress.Parse("replay.health_listen", settings.HealthListen),
            Access,
            Errors);

        var (store, replay, weights, damage) = await OpenAsync(configuration, settings, cancellation);
        await using var owned = replay;
        builder.Services.AddSingleton(settings).AddSingleton(TimeProvider.System).AddSingleton(replay).AddSingleton(weights)
            .AddReadiness(async token =>
            {
                // It listens only after it has recovered, so what is left to ask is whether the store answers.
                await replay.AdvanceDurableAsync(token);
                return null;
            })
            .AddSingleton<ActorRegistry>().AddSingleton<Attendance>().AddSingleton<Drain>().AddSingleton<ReplayMetrics>()
            .AddSingleton(new StoreWatch(store as IStoreHealth, TimeProvider.System))
            .AddHostedService(services => services.GetRequiredService<StoreWatch>())
            .AddSingleton<DurableWatch>().AddHostedService(services => services.GetRequiredService<DurableWatch>());

        await using var app = builder.Build();
        app.MapGrpcService<ExperienceEndpoint>();
        app.MapGrpcService<ReplayEndpoint>();
        app.MapGrpcService<WeightsEndpoint>();
        app.MapDreamerHealth();
        app.Services.GetRequiredService<ReplayMetrics>();
        app.Services.GetRequiredService<Attendance>();
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Dreamer.Replay");
        void Warn(string line) => Log.Warning(logger, line);
        replay.Warning += Warn;
        edge.Warning += Warn;
        if (damage is not null)
        {
            Warn(damage);
        }

        await app.StartDreamerAsync(cancellation);
        Log.Listening(logger, settings.Listen, settings.Store);
        await app.WaitForShutdownAsync(cancellation);
        return 0;
    }

    /// <summary>Opens the store and reads what it holds; while it does not answer, only the health address does.</summary>
    private static async Task<(IChunkStore Store, ReplayBuffer Replay, WeightBoard Weights, string? Damage)> OpenAsync(
        DreamerConfiguration configuration, ReplaySettings settings, CancellationToken cancellation)
    {
        await using var waiting = new WaitingRoom("dreamer-replay", configuration, ListenAddress.Parse("replay.health_listen", settings.HealthListen));
        return await RedisStores.WaitAsync(
            async () =>
            {
                var (store, vault) = await Stores.OpenAsync(settings, TimeProvider.System, cancellation);
                try
                {
                    var replay = await ReplayBuffer.OpenAsync(store, settings.ToOptions(configuration.Bind<LimiterSettings>("limiter")), TimeProvider.System, cancellation);
                    var weights = new WeightBoard(vault, replay.Warn);
                    return (store, replay, weights, await weights.TryRecoverAsync(cancellation));
                }
                catch
                {
                    await store.DisposeAsync();
                    throw;
                }
            },
            TimeSpan.FromSeconds(settings.RedisWaitSeconds), reason => waiting.TellAsync(reason, cancellation), TimeProvider.System, cancellation);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "replay service listens on {Address}, store {Store}")]
        public static partial void Listening(ILogger logger, string address, StoreKind store);

        [LoggerMessage(2, LogLevel.Warning, "{Warning}")]
        public static partial void Warning(ILogger logger, string warning);
    }
}
