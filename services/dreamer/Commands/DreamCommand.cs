using System.CommandLine;
using Dreamer.Actor;
using Dreamer.Environments;
using Dreamer.Experience;
using Dreamer.Hosting;
using Dreamer.Hosting.Settings;
using Dreamer.Policies;
using Dreamer.Reporting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dreamer.Commands;

/// <summary><c>dreamer dream</c></summary>
internal static class DreamCommand
{
    private const double FramesPerSecond = 10;

    private static readonly Option<string> RunDirectory = new("--logdir") { Description = "Directory of the run.", Required = true };
    private static readonly Option<string> Out = new("--out") { Description = "Where the film goes.", DefaultValueFactory = _ => "dream.gif" };

    public static Command Create()
    {
        var command = new Command(
            "dream", "Plays with the newest checkpoint of a run and shows what its model imagines beside what happened: truth, model, error (GIF).")
        {
            RunDirectory, Out,
        };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var run = TrainedRun.Open(parsed.GetValue(RunDirectory)!, parsed.UnmatchedTokens);
        var spec = EnvironmentRegistry.SpecOf(run.Configuration.Bind<EnvironmentOptions>("env"));
        if (!spec.Observations.Any(tensor => tensor.IsImage))
        {
            throw new UserErrorException("env.observation: this run sees no images, so there is nothing to show; train with --env.observation image");
        }

        var batch = await PlayAsync(run, Schema.For(spec, run.Agent.RecordedState), cancellation);
        var film = run.Agent.Report(batch).FirstOrDefault(picture => picture.Frames > 1)
            ?? throw new UserErrorException("agent: this agent's model predicts no images of one or three channels, so there is nothing to show");
        var frames = Raster.Film(film.Pixels, film.Frames, film.Height, film.Width, film.Channels);
        await File.WriteAllBytesAsync(parsed.GetValue(Out)!, GifEncoder.Encode(frames, FramesPerSecond), cancellation);
        Console.WriteLine($"{parsed.GetValue(Out)}: truth, model and error; the model sees the first half and imagines the second ({run.Agent.Updates} updates)");
        return ExitCode.Success;
    }

    // The actor of every run fills a replay of its own until it holds a batch.
    private static async Task<Batch> PlayAsync(TrainedRun run, Schema schema, CancellationToken cancellation)
    {
        var (agent, length) = (run.Agent, run.Agent.Context + run.Agent.BatchLength);
        await using var store = new MemoryChunkStore();
        await using var buffer = await ReplayBuffer.OpenAsync(store, new ReplayOptions(), TimeProvider.System, cancellation);
        await using var replay = new LocalReplay(buffer);
        var feed = new PolicyMailbox();
        await feed.PublishAsync(agent.ExportPolicy(0), cancellation);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var acting = Task.Run(
            () => ActorHost.Loop(run.Configuration, 0, feed, replay, TimeProvider.System, NullLoggerFactory.Instance).RunAsync(ending.Token), CancellationToken.None);
        try
        {
            var seed = (ulong)run.Configuration.Bind<RunSettings>("").Seed;
            await replay.AttachAsync(new LearnerHello(schema, agent.BatchSize, length, agent.Context, TrainRatio: 1, seed), cancellation);
            var sampling = replay.SampleAsync(cancellation).AsTask();
            await await Task.WhenAny(sampling, acting);
            var plan = await sampling;
            using var payload = await replay.ReadAsync(plan, cancellation);
            return new BatchAssembler(schema, agent.BatchSize, length).Assemble(plan, payload.Span);
        }
        finally
        {
            await ending.CancelAsync();
            await acting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
