using Dreamer.Contracts.Clients;
using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Edge;
using Dreamer.Hosting.Edge.Tls;
using Dreamer.Hosting.Settings;
using Dreamer.Hosting.Telemetry;
using Dreamer.Redis;
using Dreamer.Reporting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Spectre.Console;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.Learner;

/// <summary>The learner as a process of its own.</summary>
public static class LearnerHost
{
    /// <summary>Trains until the run is done or cancelled.</summary>
    public static async Task<int> RunAsync(DreamerConfiguration configuration, CancellationToken cancellation)
    {
        var settings = configuration.Bind<LearnerSettings>("learner");
        var replaySettings = configuration.Bind<ReplaySettings>("replay");
        var builder = WebApplication.CreateSlimBuilder();
        builder.AddDreamerTelemetry("dreamer-learner", configuration);
        GrpcReplay? connection = null;
        var lacking = "the agent is being built";
        builder.Services.AddReadiness(_ => ValueTask.FromResult(
            connection is null ? lacking : connection.Connected ? null : "the replay service has not answered"));
        builder.AddDreamerEndpoints(new ServiceEndpoints(null, ListenAddress.Parse("learner.health_listen", settings.HealthListen)));
        await using var app = builder.Build();
        app.MapDreamerHealth();
        await app.StartDreamerAsync(cancellation);

        var logs = app.Services.GetRequiredService<ILoggerFactory>();
        using var learner = new LearnerComposition(configuration, TimeProvider.System, logs);
        var logger = logs.CreateLogger("Dreamer.Learner");
        Task WaitAsync(string reason)
        {
            logger.LogWarning("waiting: {Reason}", lacking = reason);
            return Task.CompletedTask;
        }

        await using var payload = await RedisStores.WaitAsync(
            () => RedisStores.OpenReaderAsync(replaySettings.Redis, replaySettings.User, replaySettings.PasswordFile, ClientTls.OfRedis(replaySettings, TimeProvider.System), cancellation),
            TimeSpan.FromSeconds(replaySettings.RedisWaitSeconds), WaitAsync, TimeProvider.System, cancellation);
        using var channel = ReplayChannel.Open(replaySettings);
        await using var feed = new GrpcPolicyFeed(
            new V1.Weights.WeightsClient(channel.Invoker), TimeProvider.System, logs.CreateLogger<GrpcPolicyFeed>());
        var client = new V1.Replay.ReplayClient(channel.Invoker);
        await using var replay = new GrpcReplay(client, payload, TimeProvider.System, logs.CreateLogger<GrpcReplay>());
        connection = replay;
        await using var page = await learner.ShowAsync(
            async token => await client.StatusAsync(new V1.StatusRequest(), cancellationToken: token), line => logger.LogInformation("{Line}", line), cancellation);
        await learner.WatchAsync(learner.RunAsync(replay, feed, cancellation), AnsiConsole.Console);
        return 0;
    }
}
