using Dreamer.Agents;
using Dreamer.Agents.Checkpoints;
using Dreamer.Environments;
using Dreamer.Experience;
using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Settings;
using Dreamer.Policies;
using Dreamer.Reporting;
using Microsoft.Extensions.Logging;
using Spectre.Console;
using static TorchSharp.torch;

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

    /// <exception cref="LogdirInUseException">Another learner writes there.</exception>
    public LearnerComposition(DreamerConfiguration configuration, TimeProvider time, ILoggerFactory logs)
    {
        (_time, _logs) = (time, logs);
        var run = configuration.Bind<RunSettings>("");
        var environment = configuration.Bind<EnvironmentOptions>("env");
        var limiter = configuration.Bind<LimiterSettings>("limiter");
        _settings = configuration.Bind<LearnerSettings>("learner");
        set_num_threads(run.Threads > 0 ? run.Threads : Environment.ProcessorCount);

        var spec = EnvironmentRegistry.SpecOf(environment);

        // The agent first: settings that cannot make one leave no logdir behind.
        Agent = AgentFactory.Create(run.Agent, configuration.Bind, spec, run.Device, (ulong)run.Seed);
        try
        {
            _logdir = Logdir.Open(run.Logdir);
        }
        catch
        {
            Agent.Dispose();
            throw;
        }

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

    /// <summary>Trains on a thread of its own until the run is done or cancelled; see <see cref="LearnerLoop.Run"/>.</summary>
    public Task RunAsync(IReplay replay, IPolicyFeed feed, CancellationToken cancellation)
    {
        var loop = new LearnerLoop(Agent, Plan, replay, feed, _record, _settings, _time, _logs.CreateLogger<LearnerLoop>());
        return Task.Factory.StartNew(() => loop.Run(cancellation), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
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
        Agent.Dispose();
        _logdir.Dispose();
    }
}
