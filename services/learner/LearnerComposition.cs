using Dreamer.Agents;
using Dreamer.Agents.Checkpoints;
using Dreamer.Environments;
using Dreamer.Experience;
using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Edge;
using Dreamer.Hosting.Settings;
using Dreamer.Learner.Web;
using Dreamer.Policies;
using Dreamer.Reporting;
using Microsoft.Extensions.Logging;
using Spectre.Console;
using static TorchSharp.torch;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.Learner;

/// <summary>
/// Builds a learner from the configuration; the same for the service and for training in one process. Disposing frees
/// the agent and the logdir.
/// </summary>
public sealed class LearnerComposition : IDisposable
{
    private readonly RunRecord _record;
    private readonly LearnerSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _logs;
    private readonly Logdir _logdir;
    private readonly EnvironmentOptions _environment;
    private readonly RunFacts _facts;

    /// <exception cref="LogdirInUseException">Another learner writes there.</exception>
    public LearnerComposition(DreamerConfiguration configuration, TimeProvider time, ILoggerFactory logs)
    {
        (_time, _logs) = (time, logs);
        var run = configuration.Bind<RunSettings>("");
        var environment = configuration.Bind<EnvironmentOptions>("env");
        var limiter = configuration.Bind<LimiterSettings>("limiter");
        _settings = configuration.Bind<LearnerSettings>("learner");
        (_environment, _facts) = (environment, RunFacts.Of(configuration));
        ProcessMemory.KeepFreed();
        set_num_threads(run.Threads > 0 ? run.Threads : Environment.ProcessorCount);

        var spec = EnvironmentRegistry.SpecOf(environment);

        // The agent first: settings that cannot make one leave no logdir behind.
        Agent = AgentFactory.Create(run.Agent, configuration.Bind, spec, run.Device, (ulong)run.Seed);
        try
        {
            _logdir = Logdir.Open(run.Logdir, _settings.Tensorboard ? time : null);
        }
        catch
        {
            Agent.Dispose();
            throw;
        }

        Hops = new HopTimes(time);
        Plan = new RunPlan
        {
            Schema = Schema.For(spec, Agent.RecordedState),
            BatchSteps = Agent.BatchSize * Agent.BatchLength,
            Steps = run.Steps / environment.ActionRepeat,
            TrainRatio = limiter.TrainRatio,
            MinItems = limiter.MinItems,
            PretrainBatches = limiter.PretrainBatches,
            ChunkSteps = configuration.Bind<ReplaySettings>("replay").ChunkSteps,
            Seed = (ulong)run.Seed,
        };
        Progress = new TrainingProgress(run.Steps, limiter.TrainRatio, time);
        _record = new RunRecord(
            _logdir, new CheckpointStore(_logdir.Checkpoints, _settings.KeepCheckpoints), Progress, Plan, environment.ActionRepeat,
            ConfigurationPrinter.ToYaml(configuration), logs.CreateLogger<RunRecord>());
    }

    /// <summary>What learns.</summary>
    public IAgent Agent { get; }

    /// <summary>What the run is to do.</summary>
    public RunPlan Plan { get; }

    /// <summary>Figures of the live view.</summary>
    public TrainingProgress Progress { get; }

    /// <summary>Durations that this process measures.</summary>
    public HopTimes Hops { get; }

    /// <summary>
    /// Trains on a thread of its own until the run is done or cancelled, see <see cref="LearnerLoop.Run"/>; on another, episodes are filmed.
    /// </summary>
    public async Task RunAsync(IReplay replay, IPolicyFeed feed, CancellationToken cancellation)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var film = new EpisodeFilm(_environment, Plan.Seed, _logdir, Progress, _settings.FilmSeconds, _time, _logs.CreateLogger<EpisodeFilm>());
        var filming = film.Wanted ? Thread(() => film.Run(ending.Token)) : Task.CompletedTask;
        var loop = new LearnerLoop(
            Agent, Plan, replay, film.Wanted ? new FilmedFeed(feed, film.Weights) : feed, _record, _settings, _time, _logs.CreateLogger<LearnerLoop>());
        try
        {
            await Thread(() => loop.Run(cancellation));
        }
        finally
        {
            await ending.CancelAsync();
            await filming;
        }
    }

    /// <summary>Serves the run's page where <c>learner.web_listen</c> says; null without one.</summary>
    /// <param name="replay">Asks the replay for its figures and its actors.</param>
    /// <param name="tell">Takes a line with the page's address.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<RunPage?> ShowAsync(
        Func<CancellationToken, Task<V1.StatusReply>> replay, Action<string> tell, CancellationToken cancellation)
    {
        if (ListenAddress.Parse("learner.web_listen", _settings.WebListen) is not { } address)
        {
            return null;
        }

        var run = new ShownRun(_logdir.Path, _facts, new LiveRun(Progress, Plan.TotalUpdates, Agent.ParameterCounts.Values.Sum(), Hops, replay));
        var guard = PageGuard.Load(_settings.WebHosts, "learner.web_hosts", _settings.WebTokenFile, "learner.web_token_file", _time);
        var page = await RunPage.StartAsync(address, [run, .. run.Siblings()], guard, _logs, cancellation);
        tell($"watch this run at {page.Url}");
        return page;
    }

    /// <summary>Shows the run on the console until it has ended, well or not.</summary>
    public async Task WatchAsync(Task running, IAnsiConsole console)
    {
        using var ended = new CancellationTokenSource();
        var view = new TrainingView(Progress.Snapshot, console, _time).RunAsync(ended.Token);
        try
        {
            await running;
        }
        finally
        {
            await ended.CancelAsync();
            await view;
        }
    }

    public void Dispose()
    {
        Hops.Dispose();
        Agent.Dispose();
        _logdir.Dispose();
    }

    private static Task Thread(Action work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
