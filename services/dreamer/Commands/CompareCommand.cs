using System.CommandLine;
using System.Text.Json;
using Dreamer.Environments;
using Dreamer.Hosting;
using Dreamer.Hosting.Settings;
using Dreamer.Reporting;

namespace Dreamer.Commands;

/// <summary><c>dreamer compare</c></summary>
internal static class CompareCommand
{
    private const int Points = 60;

    private static readonly Argument<string[]> Logdirs = new("LOGDIR")
    {
        Description = "Directories of runs. Runs of one agent on one task are seeds of one curve.",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<string> Out = new("--out") { Description = "Where the picture goes.", DefaultValueFactory = _ => "curves.svg" };

    private static readonly Option<string[]> Labels = new("--label")
    {
        Description = "A name per LOGDIR instead of its agent's; equal names are seeds of one curve.",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<bool> Json = new("--json") { Description = "Also prints task, label, runs, steps, and the mean, lowest and highest score of the last tenth." };

    public static Command Create()
    {
        var command = new Command("compare", "Draws the learning curves of runs, with the range over seeds, into one picture (SVG).") { Logdirs, Out, Labels, Json };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        var logdirs = parsed.GetValue(Logdirs)!;
        var labels = parsed.GetValue(Labels) ?? [];
        if (labels.Length > 0 && labels.Length != logdirs.Length)
        {
            throw new UserErrorException($"--label: {labels.Length} names for {logdirs.Length} runs; give one per LOGDIR, or none", ExitCode.Usage);
        }

        var runs = logdirs.Select((logdir, i) => Read(logdir, labels.Length > 0 ? labels[i] : null)).ToList();
        var panels = runs.GroupBy(run => run.Task).Select(task => new CurveChart.Panel(task.Key, [.. task.GroupBy(run => run.Label)
            .Select(group => (group.Key, LearningCurve.Of([.. group.Select(run => run.Scores)], Points)))])).ToList();
        File.WriteAllText(parsed.GetValue(Out)!, CurveChart.Draw(panels));
        if (parsed.GetValue(Json))
        {
            Console.WriteLine(JsonSerializer.Serialize(panels.SelectMany(panel => panel.Curves.Select(curve => Summary(panel.Title, curve.Label, curve.Curve)))));
        }
        else
        {
            Console.WriteLine($"{parsed.GetValue(Out)}: {panels.Sum(panel => panel.Curves.Count)} curves of {runs.Count} runs");
        }

        return ExitCode.Success;
    }

    private static object Summary(string task, string label, LearningCurve curve)
    {
        var tail = Math.Min(curve.Steps.Length, Points / 10);
        double Tail(double[] values) => tail > 0 ? values[^tail..].Average() : double.NaN;
        return new
        {
            task,
            label,
            runs = curve.Runs,
            steps = tail > 0 ? curve.Steps[^1] : 0,
            mean = Tail(curve.Mean),
            lowest = Tail(curve.Lowest),
            highest = Tail(curve.Highest),
        };
    }

    private static (string Task, string Label, IReadOnlyList<(long Step, double Score)> Scores) Read(string logdir, string? label)
    {
        var configuration = RecordedSettings.Read(logdir, []);
        var environment = configuration.Bind<EnvironmentOptions>("env");
        var task = environment.Observation == ObservationKind.Vector ? environment.Name : $"{environment.Name}, {environment.Observation.ToString().ToLowerInvariant()}";
        var scores = Path.Combine(logdir, "scores.jsonl");
        var read = File.Exists(scores) ? LearningCurve.ReadScores(scores) : [];
        return read.Count > 0
            ? (task, label ?? configuration.Bind<RunSettings>("").Agent, read)
            : throw new UserErrorException($"{logdir} has no finished episode yet; let it train first", ExitCode.Usage);
    }
}
