using Dreamer.Agents.Checkpoints;
using Dreamer.Contracts.Clients;
using Dreamer.Environments;
using Dreamer.Environments.Fakes;
using Dreamer.Experience;
using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Edge;
using Dreamer.Hosting.Edge.Tls;
using Dreamer.Hosting.Settings;
using Dreamer.Hosting.Telemetry;
using Dreamer.Learner;
using Dreamer.Redis;
using Dreamer.Reporting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.Chaos;

/// <summary>The learner of <c>dreamer chaos</c>: the loop, clients, checkpoints and logdir of the real one around a <see cref="LedgerAgent"/>.</summary>
internal static class ChaosLearner
{
    /// <summary>Name of the command.</summary>
    public const string Command = "chaos-learner";

    /// <summary>File in the logdir with a line per wrong batch.</summary>
    public const string FaultFile = "wrong-batches.txt";

    /// <summary>Takes batches until cancelled.</summary>
    public static async Task<int> RunAsync(DreamerConfiguration configuration, CancellationToken cancellation)
    {
        var run = configuration.Bind<RunSettings>("");
        var replaySettings = configuration.Bind<ReplaySettings>("replay");
        var limiter = configuration.Bind<LimiterSettings>("limiter");
        var settings = configuration.Bind<LearnerSettings>("learner");
        var environment = configuration.Bind<EnvironmentOptions>("env");
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.AddDreamerTelemetry("dreamer-learner", configuration.Bind<TelemetrySettings>("telemetry"));
        using var host = builder.Build();
        await host.StartAsync(cancellation);
        var logs = host.Services.GetRequiredService<ILoggerFactory>();

        using var logdir = Logdir.Open(run.Logdir);
        var spec = EnvironmentRegistry.SpecOf(environment);
        using var agent = new LedgerAgent(spec, new LedgerBook(environment.Fake.Ledger), Path.Combine(run.Logdir, FaultFile));
        var plan = new RunPlan
        {
            Schema = Schema.For(spec, agent.RecordedState),
            BatchSteps = agent.BatchSize * agent.BatchLength,
            Steps = run.Steps,
            TrainRatio = limiter.TrainRatio,
            MinItems = limiter.MinItems,
            ChunkSteps = replaySettings.ChunkSteps,
            Seed = (ulong)run.Seed,
        };
        var record = new RunRecord(
            logdir, new CheckpointStore(logdir.Checkpoints, settings.KeepCheckpoints), new TrainingProgress(run.Steps, limiter.TrainRatio, TimeProvider.System),
            plan, actionRepeat: 1, ConfigurationPrinter.ToYaml(configuration), logs.CreateLogger<RunRecord>());
        await using var payload = await RedisStores.WaitAsync(
            () => RedisStores.OpenReaderAsync(
                replaySettings.Redis, replaySettings.User, replaySettings.PasswordFile, ClientTls.OfRedis(replaySettings, TimeProvider.System), cancellation),
            TimeSpan.FromSeconds(replaySettings.RedisWaitSeconds), _ => Task.CompletedTask, TimeProvider.System, cancellation);
        using var channel = ReplayChannel.Open(replaySettings);
        await using var feed = new GrpcPolicyFeed(new V1.Weights.WeightsClient(channel.Invoker), TimeProvider.System, logs.CreateLogger<GrpcPolicyFeed>());
        await using var replay = new GrpcReplay(
            new V1.Replay.ReplayClient(channel.Invoker), payload, TimeProvider.System, logs.CreateLogger<GrpcReplay>());
        var loop = new LearnerLoop(agent, plan, replay, feed, record, settings, TimeProvider.System, logs.CreateLogger<LearnerLoop>());
        await Task.Factory.StartNew(() => loop.Run(cancellation), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return 0;
    }
}
