using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Dreamer.Environments;
using Dreamer.Environments.Published;

namespace Dreamer.Commands;

/// <summary><c>dreamer env list</c></summary>
internal static class EnvListCommand
{
    private static readonly Option<bool> Json = new("--json")
    {
        Description = "Prints one object per environment, with all published scores and the action repeats they were reached with.",
    };

    public static Command Create()
    {
        var command = new Command("list", "Lists the environments: spaces, step limit, action repeats, random, solved and published scores.") { Json };
        command.SetAction(parsed => List(parsed.GetValue(Json)));
        return command;
    }

    private static int List(bool json)
    {
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(EnvironmentRegistry.All.Select(Entry), EnvCommand.Json));
            return 0;
        }

        string[] heads = ["name", "observation", "action", "steps", "repeat", "random", "solved", "published", "what it is"];
        string[][] rows = [heads, .. EnvironmentRegistry.All.Select(Row)];
        var widths = heads.Select((_, column) => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
        {
            Console.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }

        Console.WriteLine("\nrepeat: environment steps per action of PlaNet / DreamerV1 / V2 / V3 as published; published: DreamerV3's score and after how many steps. --json names every vector.");
        Console.WriteLine("remote:HOST:PORT is any environment behind dm_env_rpc, Gymnasium's included: docs/remote-environments.md");
        return 0;
    }

    private static string[] Row(EnvironmentInfo info)
    {
        var spec = EnvironmentRegistry.SpecOf(new EnvironmentOptions { Name = info.Name });
        var repeats = PublishedResults.ActionRepeats(info.Name);
        var agents = new[] { "planet", "dreamer_v1", "dreamer_v2", "dreamer_v3" };
        var best = PublishedResults.Of(info.Name).LastOrDefault(score => score is { Agent: "dreamer_v3", Observation: "image" });
        return
        [
            info.Name,
            spec.Observations.Length == 1 ? spec.Observations[0].ToString() : $"{spec.Observations.Length} vectors, {spec.Observations.Sum(tensor => tensor.Elements)} numbers",
            spec.Action.ToString(),
            info.StepLimit > 0 ? Number(info.StepLimit) : "",
            repeats.IsEmpty ? "" : string.Join("/", agents.Select(agent => repeats.TryGetValue(agent, out var repeat) ? Number(repeat) : "-")),
            Number(info.RandomScore),
            Number(info.SolvedScore),
            best is null ? "" : $"{Number(best.Score)} @{Number(best.Steps / 1e6)}M",
            info.Description,
        ];
    }

    private static object Entry(EnvironmentInfo info)
    {
        var spec = EnvironmentRegistry.SpecOf(new EnvironmentOptions { Name = info.Name });
        return new
        {
            info.Name,
            info.Description,
            Observations = spec.Observations.Select(tensor => tensor.ToString()),
            Action = spec.Action.ToString(),
            info.StepLimit,
            ActionRepeats = PublishedResults.ActionRepeats(info.Name),
            info.RandomScore,
            info.SolvedScore,
            PublishedScores = PublishedResults.Of(info.Name),
        };
    }

    private static string Number(double? value) => value?.ToString("0.##", CultureInfo.InvariantCulture) ?? "";
}
