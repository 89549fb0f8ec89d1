using System.CommandLine;
using Dreamer.Hosting.Configuration;

namespace Dreamer.Commands;

/// <summary><c>dreamer config show</c></summary>
internal static class ConfigCommand
{
    public static Command Create() => new("config", "About settings.")
    {
        SettingsCommand.Create("show", "Prints every setting, its value and where the value came from.", (_, configuration, _) =>
        {
            Console.Out.Write(ConfigurationPrinter.ToTable(configuration));
            return Task.FromResult(0);
        }),
    };
}
