using System.CommandLine;
using System.Text.Json;
using Dreamer.Agents;
using Dreamer.Environments;
using Dreamer.Hosting;
using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Settings;
using Dreamer.Spaces;

namespace Dreamer.Commands;

/// <summary><c>dreamer describe</c></summary>
internal static class DescribeCommand
{
    private static readonly Option<string[]> Observation = new("--observation")
    {
        Description = "Observation tensors instead of the environment's, e.g. image:uint8:64x64x3 vector:float32:24.",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string> Action = new("--action") { Description = "Action space instead of the environment's, e.g. continuous:6 or discrete:18." };
    private static readonly Option<bool> Json = new("--json") { Description = "Prints {\"modules\": {...}, \"total\": N}." };

    public static Command Create() => SettingsCommand.Create(
        "describe", "Counts the agent's parameters, per module.", (parsed, configuration, _) => Task.FromResult(Describe(parsed, configuration)),
        [Observation, Action, Json]);

    private static int Describe(ParseResult parsed, DreamerConfiguration configuration)
    {
        var modules = AgentFactory.Describe(configuration.Bind<RunSettings>("").Agent, configuration.Bind, Spec(parsed, configuration));
        var total = modules.Values.Sum();
        if (parsed.GetValue(Json))
        {
            Console.WriteLine(JsonSerializer.Serialize(new { modules, total }));
            return 0;
        }

        foreach (var (module, count) in modules)
        {
            Console.WriteLine($"{module,-8}{count,16:N0}");
        }

        Console.WriteLine($"{"total",-8}{total,16:N0}");
        return 0;
    }

    private static EnvironmentSpec Spec(ParseResult parsed, DreamerConfiguration configuration)
    {
        var observations = parsed.GetValue(Observation) ?? [];
        var action = parsed.GetValue(Action);
        if (observations.Length == 0 && action is null)
        {
            return EnvironmentRegistry.SpecOf(configuration.Bind<EnvironmentOptions>("env"));
        }

        if (observations.Length == 0 || action is null)
        {
            throw new UserErrorException("--observation and --action go together: name both, or neither to take those of env.name", ExitCode.Usage);
        }

        try
        {
            return new EnvironmentSpec(ActionSpec.Parse(action), [.. observations.Select(TensorSpec.Parse)]);
        }
        catch (FormatException malformed)
        {
            throw new UserErrorException(malformed.Message, ExitCode.Usage);
        }
    }
}
