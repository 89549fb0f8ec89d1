using System.CommandLine;
using Dreamer.Agents;
using Dreamer.Environments;
using Dreamer.Hosting;
using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Programs;
using Dreamer.Hosting.Settings;

namespace Dreamer.Commands;

/// <summary><c>dreamer config show</c></summary>
internal static class ConfigCommand
{
    public static Command Create() => new("config", "About settings.")
    {
        SettingsCommand.Create("show", "Prints every setting, its value and where the value came from.", (_, configuration, _) =>
        {
            Console.Out.Write(ConfigurationPrinter.ToTable(configuration));
            Check(configuration);
            return Task.FromResult(0);
        }),
    };

    /// <summary>Reads every section as training would.</summary>
    /// <exception cref="UserErrorException">A value cannot be used.</exception>
    private static void Check(DreamerConfiguration configuration)
    {
        var run = configuration.Bind<RunSettings>("");
        configuration.Bind<LearnerSettings>("learner");
        configuration.Bind<ActorSettings>("actor");
        configuration.Bind<TelemetrySettings>("telemetry");
        try
        {
            configuration.Bind<ReplaySettings>("replay").ToOptions(configuration.Bind<LimiterSettings>("limiter")).Validate();
            AgentFactory.Describe(run.Agent, configuration.Bind, EnvironmentRegistry.SpecOf(configuration.Bind<EnvironmentOptions>("env")));
        }
        catch (Exception error) when (ProgramRunner.IsPlain(error))
        {
            throw new UserErrorException(error.Message, ExitCode.Usage, error);
        }
    }
}
