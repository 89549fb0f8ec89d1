using System.CommandLine;
using Dreamer.Hosting.Configuration;

namespace Dreamer.Commands;

/// <summary>A command whose unknown flags are settings.</summary>
internal static class SettingsCommand
{
    private const string Hint = "Settings follow as flags: --configs PRESET..., --settings FILE, --seed N, --env NAME, --logdir DIR, --section.key VALUE; see 'dreamer config show'.";

    /// <summary>Makes the command; its action gets the resolved configuration.</summary>
    /// <param name="presets">Presets applied before those of <c>--configs</c> when none is named.</param>
    public static Command Create(
        string name, string description, Func<ParseResult, DreamerConfiguration, CancellationToken, Task<int>> action,
        IReadOnlyList<Option>? options = null, string? defaultPreset = null)
    {
        var command = new Command(name, $"{description}\n\n{Hint}") { TreatUnmatchedTokensAsErrors = false };
        foreach (var option in options ?? [])
        {
            command.Options.Add(option);
        }

        command.SetAction((parsed, cancellation) => action(parsed, Load(parsed, defaultPreset), cancellation));
        return command;
    }

    private static DreamerConfiguration Load(ParseResult parsed, string? defaultPreset)
    {
        var flags = parsed.UnmatchedTokens;
        var chosen = flags.Any(flag => flag is "--configs" or "--settings" or "--env" || flag.StartsWith("--configs=", StringComparison.Ordinal)
            || flag.StartsWith("--settings=", StringComparison.Ordinal) || flag.StartsWith("--env", StringComparison.Ordinal));
        return ConfigurationLoader.Load(new ConfigurationRequest([.. flags])
        {
            Presets = defaultPreset is null || chosen ? [] : [defaultPreset],
            CommandFlags = [.. parsed.CommandResult.Command.Options.Select(option => option.Name)],
        });
    }
}
