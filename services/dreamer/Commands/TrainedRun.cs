using Dreamer.Agents;
using Dreamer.Agents.Checkpoints;
using Dreamer.Environments;
using Dreamer.Hosting;
using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Settings;

namespace Dreamer.Commands;

/// <summary>The agent of a run with its newest checkpoint, and the run's settings.</summary>
internal sealed record TrainedRun(DreamerConfiguration Configuration, IAgent Agent) : IDisposable
{
    /// <param name="logdir">Directory of the run; nothing in it is changed.</param>
    /// <param name="overrides">Setting flags that win over the run's own.</param>
    /// <exception cref="UserErrorException">It is no run, or has no checkpoint.</exception>
    public static TrainedRun Open(string logdir, IEnumerable<string> overrides)
    {
        logdir = Path.GetFullPath(logdir);
        var configuration = RecordedSettings.Read(logdir, overrides);
        var run = configuration.Bind<RunSettings>("");
        var spec = EnvironmentRegistry.SpecOf(configuration.Bind<EnvironmentOptions>("env"));
        using var checkpoint = new CheckpointStore(Path.Combine(logdir, "checkpoints")).OpenNewest(Console.Error.WriteLine)
            ?? throw new UserErrorException($"--logdir: {logdir} has no checkpoint yet; train first");
        var agent = AgentFactory.Create(run.Agent, configuration.Bind, spec, run.Device, (ulong)run.Seed);
        agent.Load(checkpoint);
        return new TrainedRun(configuration, agent);
    }

    public void Dispose() => Agent.Dispose();
}
