using System.CommandLine;
using Dreamer.Environments;
using Spectre.Console;

namespace Dreamer.Commands;

/// <summary><c>dreamer env list</c></summary>
internal static class EnvCommand
{
    public static Command Create()
    {
        var list = new Command("list", "Lists the environments: spaces, step limit, random and solved scores.");
        list.SetAction(_ => List());
        return new Command("env", "About environments.") { list };
    }

    private static int List()
    {
        var table = new Table().Border(TableBorder.None).AddColumns("name", "observation", "action", "steps", "random", "solved", "what it is");
        table.Columns[0].NoWrap();
        foreach (var info in EnvironmentRegistry.All)
        {
            var spec = EnvironmentRegistry.SpecOf(new EnvironmentOptions { Name = info.Name });
            table.AddRow(new[]
            {
                info.Name, string.Join(" ", spec.Observations), spec.Action.ToString(), info.StepLimit.ToString(),
                info.RandomScore?.ToString("0.##") ?? "", info.SolvedScore?.ToString("0.##") ?? "", info.Description,
            }.Select(text => new Text(text)).ToArray());
        }

        AnsiConsole.Write(table);
        return 0;
    }
}
