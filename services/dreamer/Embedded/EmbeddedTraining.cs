using Dreamer.Actor;
using Dreamer.Contracts;
using Dreamer.Experience;
using Dreamer.Hosting;
using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Settings;
using Dreamer.Hosting.Telemetry;
using Dreamer.Learner;
using Dreamer.Policies;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Spectre.Console;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.Embedded;

/// <summary>
/// Actor, replay, learner and, where asked for, evaluation in one process: the same loops as the services, over the memory store (journaled in the
/// logdir, so that a stopped run resumes with its experience) and in-process transport.
/// </summary>
internal static class EmbeddedTraining
{
    /// <summary>Trains until the run is done or cancelled.</summary>
    public static async Task<int> RunAsync(DreamerConfiguration configuration, CancellationToken cancellation)
    {
        var run = configuration.Bind<RunSettings>("");
        var settings = configuration.Bind<ReplaySettings>("replay");
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.AddDreamerTelemetry("dreamer", configuration);
        using var host = builder.Build();
        await host.StartAsync(cancellation);
        var logs = host.Services.GetRequiredService<ILoggerFactory>();

        using var learner = new LearnerComposition(configuration, TimeProvider.System, logs);
        await using var store = MemoryChunkStore.OpenJournaled(Path.Combine(run.Logdir, "replay"), TimeProvider.System);
        await using var buffer = await ReplayBuffer.OpenAsync(
            store, settings.ToOptions(configuration.Bind<LimiterSettings>("limiter")), TimeProvider.System, cancellation);
        await using var replay = new LocalReplay(buffer);
        var feed = new PolicyMailbox();
        await using var page = await learner.ShowAsync(_ => Task.FromResult(Status(buffer, learner, feed)), Console.Error.WriteLine, cancellation);

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var acting = Task.Run(() => ActorHost.Loop(configuration, 0, feed, replay, TimeProvider.System, logs).RunAsync(ending.Token), CancellationToken.None);
        var evaluating = configuration.Bind<EvaluationSettings>("eval").Every > 0
            ? Task.Run(() => ActorHost.Evaluation(configuration, 0, feed, replay, TimeProvider.System, logs).RunAsync(ending.Token), CancellationToken.None)
            : Task.Delay(Timeout.Infinite, ending.Token);
        var training = learner.RunAsync(replay, feed, ending.Token);
        var watching = learner.WatchAsync(training, AnsiConsole.Console);
        try
        {
            await await Task.WhenAny(watching, acting, evaluating);
        }
        finally
        {
            await ending.CancelAsync();
            await SettleAsync(acting);
            await SettleAsync(evaluating);
            await SettleAsync(watching);
        }

        return ExitCode.Success;
    }

    // What the replay service would answer; the one actor is this process.
    private static V1.StatusReply Status(ReplayBuffer buffer, LearnerComposition learner, PolicyMailbox feed)
    {
        var reply = buffer.Status().ToMessage();
        reply.WeightsVersion = feed.Latest?.Version ?? -1;
        if (learner.Hops.Value("Dreamer.Actor", Instruments.PolicySteps.Name) is { } steps)
        {
            reply.Actors.Add(new V1.ActorStatus
            {
                Actor = "this process",
                Streams = reply.Streams,
                Steps = (long)steps.Value,
                PolicyVersion = (long)(learner.Hops.Value("Dreamer.Actor", Instruments.PolicyVersion.Name)?.Value ?? -1),
                SecondsSinceChunk = steps.Age.TotalSeconds,
            });
        }

        return reply;
    }

    // The first to fail has been reported by then; what the other says about the cancellation does not matter.
    private static async Task SettleAsync(Task task) => await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
