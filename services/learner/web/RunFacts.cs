using Dreamer.Environments;
using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Settings;

namespace Dreamer.Learner.Web;

/// <summary>What a run is, from its settings; no addresses, no secrets.</summary>
/// <param name="Task">Environment, with what it shows where that is not its vector.</param>
/// <param name="Steps">Environment steps at which the run ends; 0 while unknown.</param>
public sealed record RunFacts(string Task, string Agent, long Seed, long Steps, double TrainRatio)
{
    /// <summary>Of a run whose settings cannot be read.</summary>
    public static RunFacts Unknown { get; } = new("", "", 0, 0, 0);

    public static RunFacts Of(DreamerConfiguration configuration)
    {
        var (run, environment) = (configuration.Bind<RunSettings>(""), configuration.Bind<EnvironmentOptions>("env"));
        var shown = environment.Observation == ObservationKind.Vector ? "" : $", {environment.Observation.ToString().ToLowerInvariant()}";
        return new RunFacts(environment.Name + shown, run.Agent, run.Seed, run.Steps, configuration.Bind<LimiterSettings>("limiter").TrainRatio);
    }

    /// <summary>Reads a logdir's <c>config.yaml</c>.</summary>
    /// <exception cref="ConfigurationException">There is none, or it is not of this release.</exception>
    public static RunFacts Read(string logdir) => Of(ConfigurationLoader.Load(
        new ConfigurationRequest(["--settings", Path.Combine(logdir, "config.yaml")]) { Environment = new Dictionary<string, string>() }));
}
