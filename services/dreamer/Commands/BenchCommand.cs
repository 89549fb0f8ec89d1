using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Dreamer.Bench;

namespace Dreamer.Commands;

/// <summary><c>dreamer bench NAME</c></summary>
internal static class BenchCommand
{
    private static readonly Option<bool> Json = new("--json")
    {
        Description = "Prints a list of {\"name\", \"value\", \"unit\", \"limit\", \"ratio\"}; ratio is the share of the limit that is reached.",
    };

    private static readonly Option<int> Threads = new("--threads")
    {
        Description = "Threads of the tensor library, and writers of the replay; 0 takes all cores.",
        Validators = { result => Require(result.GetValueOrDefault<int>() >= 0, result, "--threads must be 0 (all cores) or more") },
    };

    private static readonly Option<double> Seconds = new("--seconds")
    {
        Description = "Time per measurement.",
        DefaultValueFactory = _ => 3,
        Validators = { result => Require(result.GetValueOrDefault<double>() is > 0 and <= 3600, result, "--seconds must be greater than 0 and at most 3600") },
    };

    private static readonly Option<string> Only = new("--only")
    {
        Description = "Only the cases whose name contains this text.",
        DefaultValueFactory = _ => "",
    };

    private static readonly Option<long> Steps = new("--steps")
    {
        Description = "Environment steps in all.",
        DefaultValueFactory = _ => 1_000_000,
        Validators = { result => Require(result.GetValueOrDefault<long>() >= 20_000, result, "--steps must be 20000 or more") },
    };

    public static Command Create() => new("bench", "Measures a part beside what the machine allows, in one run; each but the soak takes about a minute.")
    {
        Bench("learner", "Updates of the baseline (18.7 M parameters, 16 x 64, horizon 15), of the cartpole preset, and of the other agents at their published sizes.", LearnerBench.RunAsync),
        Bench("replay", "Image steps in and batches out, in memory and over Redis with and without its append-only file; batches while steps come in.", ReplayBench.RunAsync),
        Bench("actor", "Policy steps on one core; start-up and memory of an actor process.", ActorBench.RunAsync),
        Bench("environments", "Steps of every environment on one core: physics, pictures and the policy apart.", EnvironmentBench.RunAsync),
        Bench("weights", "24 MB of weights from the learner to 1 and 8 actors.", WeightsBench.RunAsync),
        Bench("scale", "1 and 64 actors, the train ratio over 100,000 steps, the age of weights at 32 actors, 1 and 3 Redis shards; what lies between where --only asks for it.", ScaleBench.RunAsync),
        Bench("soak", "Many steps through a full service: resident memory of every process on the way. Minutes; --seconds does not count.", SoakBench.RunAsync, Steps),
    };

    private static Command Bench(
        string name, string description, Func<BenchOptions, CancellationToken, IAsyncEnumerable<BenchResult>> run, params Option[] more)
    {
        var command = new Command(name, description) { Json, Threads, Seconds, Only };
        foreach (var option in more)
        {
            command.Options.Add(option);
        }

        command.SetAction((parsed, cancellation) => Task.Run(() => RunAsync(parsed, run, cancellation), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(
        ParseResult parsed, Func<BenchOptions, CancellationToken, IAsyncEnumerable<BenchResult>> run, CancellationToken cancellation)
    {
        var threads = parsed.GetValue(Threads);
        var options = new BenchOptions(
            threads == 0 ? Environment.ProcessorCount : threads, TimeSpan.FromSeconds(parsed.GetValue(Seconds)), parsed.GetValue(Only)!, parsed.GetValue(Steps));
        if (parsed.GetValue(Json))
        {
            var results = await run(options, cancellation).ToListAsync(cancellation);
            Console.WriteLine(JsonSerializer.Serialize(results, JsonSerializerOptions.Web));
            return 0;
        }

        Console.WriteLine($"{"name",-38}{"value",12} {"limit",12} {"unit",-10}{"ratio",8}");
        await foreach (var result in run(options, cancellation))
        {
            Console.WriteLine($"{result.Name,-38}{Number(result.Value),12} {Number(result.Limit),12} {result.Unit,-10}{result.Ratio,8:0.000}");
        }

        return 0;
    }

    private static string Number(double value) =>
        value.ToString(Math.Abs(value) >= 100 ? "#,0" : Math.Abs(value) >= 1 ? "0.00" : "0.0000", CultureInfo.InvariantCulture);

    private static void Require(bool fulfilled, System.CommandLine.Parsing.OptionResult result, string rule)
    {
        if (!fulfilled)
        {
            result.AddError(rule);
        }
    }
}
