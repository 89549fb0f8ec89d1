using System.Text;
using Dreamer.Contracts.Clients;
using Dreamer.Environments;
using Dreamer.Experience;
using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Edge;
using Dreamer.Hosting.Settings;
using Dreamer.Hosting.Telemetry;
using Dreamer.Policies;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.Actor;

/// <summary>An actor as a process of its own, and the composition that training in one process uses as well.</summary>
public static partial class ActorHost
{
    /// <summary>Acts until cancelled or until the replay service winds the run down.</summary>
    public static async Task<int> RunAsync(DreamerConfiguration configuration, CancellationToken cancellation)
    {
        var settings = configuration.Bind<ActorSettings>("actor");
        var replay = configuration.Bind<ReplaySettings>("replay");
        var builder = WebApplication.CreateSlimBuilder();
        builder.AddDreamerTelemetry("dreamer-actor", configuration);
        GrpcPolicyFeed? weights = null;
        GrpcExperienceWriter? stream = null;
        builder.Services.AddReadiness(_ => ValueTask.FromResult(
            weights is not { HasWeights: true } ? "no weights have arrived yet" : settings.Role == ActorRole.Train && stream is not { Connected: true } ? "the stream to the replay service is not open" : null));
        builder.AddDreamerEndpoints(new ServiceEndpoints(null, ListenAddress.Parse("actor.health_listen", settings.HealthListen)));
        await using var app = builder.Build();
        app.MapDreamerHealth();
        await app.StartDreamerAsync(cancellation);

        var logs = app.Services.GetRequiredService<ILoggerFactory>();
        using var channel = ReplayChannel.Open(replay);
        var name = settings.Name.Length > 0 ? settings.Name : $"{Environment.MachineName}-{Environment.ProcessId}";
        using var near = settings.WeightsAddress.Length == 0 ? null : ReplayChannel.Open(replay with { Address = settings.WeightsAddress }, "actor.weights_address");
        await using var feed = new GrpcPolicyFeed(
            new V1.Weights.WeightsClient((near ?? channel).Invoker), TimeProvider.System, logs.CreateLogger<GrpcPolicyFeed>());
        var index = settings.Index >= 0 ? (uint)settings.Index : Crc32C.Compute(Encoding.UTF8.GetBytes(name));
        var experience = new V1.Experience.ExperienceClient(channel.Invoker);
        if (settings.Role == ActorRole.Eval)
        {
            weights = feed;
            var log = new GrpcEvaluationLog(experience, name, TimeProvider.System, logs.CreateLogger<GrpcEvaluationLog>());
            await Evaluation(configuration, index, feed, log, TimeProvider.System, logs).RunAsync(cancellation);
            return 0;
        }

        await using var writer = new GrpcExperienceWriter(
            experience,
            new WriterOptions(name)
            {
                BufferBytes = settings.BufferBytes,
                BufferSteps = settings.BufferSteps,
                HeldSteps = settings.HeldSteps,
                Acknowledged = took => ActorMetrics.AckTime.Record(took.TotalSeconds),
            },
            TimeProvider.System, logs.CreateLogger<GrpcExperienceWriter>());
        (weights, stream) = (feed, writer);
        ActorMetrics.Observe(() => writer.Resent, () => writer.KeptBytes, () => writer.PendingBytes);
        feed.Rejected += () => ActorMetrics.PolicyRejected.Add(1);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation, writer.Drained);
        try
        {
            await Loop(configuration, index, feed, writer, TimeProvider.System, logs).RunAsync(ending.Token);
        }
        catch (OperationCanceledException) when (writer.Drained.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            Log.Drained(logs.CreateLogger(typeof(ActorHost)));
        }

        return 0;
    }

    /// <summary>The loop of one evaluation actor.</summary>
    /// <param name="index">Number of the evaluation actor: each has its own stretch of seeds, and training has others.</param>
    public static EvaluationLoop Evaluation(
        DreamerConfiguration configuration, uint index, IPolicyFeed feed, IEvaluationLog log, TimeProvider time, ILoggerFactory logs)
    {
        var settings = configuration.Bind<ActorSettings>("actor");
        var options = configuration.Bind<EnvironmentOptions>("env");
        var evaluation = configuration.Bind<EvaluationSettings>("eval");
        var budget = new RestartBudget(settings, time, logs.CreateLogger<RestartBudget>());
        var seed = (ulong)configuration.Bind<RunSettings>("").Seed + EvaluationOptions.SeedOffset + (index * 100_000UL);
        return new EvaluationLoop(
            () => VectorEnvironment.Make(options, seed, Math.Min(settings.Environments, evaluation.Episodes), settings.Parallel, budget.MayRestart),
            feed, log, new EvaluationOptions(seed, evaluation.Every / options.ActionRepeat, evaluation.Episodes), logs.CreateLogger<EvaluationLoop>());
    }

    /// <summary>The loop of one actor over any feed and writer.</summary>
    /// <param name="index">Number of the actor: each has its own stretch of seeds.</param>
    public static ActorLoop Loop(
        DreamerConfiguration configuration, uint index, IPolicyFeed feed, IExperienceWriter writer, TimeProvider time, ILoggerFactory logs)
    {
        var run = configuration.Bind<RunSettings>("");
        var settings = configuration.Bind<ActorSettings>("actor");
        var options = configuration.Bind<EnvironmentOptions>("env");
        var budget = new RestartBudget(settings, time, logs.CreateLogger<RestartBudget>());
        var seed = (ulong)run.Seed + (index * 100_000UL);
        return new ActorLoop(
            () => VectorEnvironment.Make(options, seed, settings.Environments, settings.Parallel, budget.MayRestart),
            feed, writer, new ActorOptions(seed, configuration.Bind<ReplaySettings>("replay").ChunkSteps, options.ActionRepeat)
            {
                StepTimeout = TimeSpan.FromSeconds(settings.StepTimeoutSeconds),
                FlushTimeout = TimeSpan.FromSeconds(settings.FlushSeconds),
            },
            time, logs.CreateLogger<ActorLoop>());
    }

    private static partial class Log
    {
        [LoggerMessage(31, LogLevel.Information, "the run winds down: everything was sent, leaving")]
        public static partial void Drained(ILogger logger);
    }
}
