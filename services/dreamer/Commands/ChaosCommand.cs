using System.CommandLine;
using System.Text.Json;
using Dreamer.Chaos;
using Dreamer.Hosting;
using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Settings;

namespace Dreamer.Commands;

/// <summary><c>dreamer chaos</c></summary>
internal static class ChaosCommand
{
    private static readonly JsonSerializerOptions Form = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private static readonly Option<double> Minutes = new("--minutes")
    {
        Description = "Time during which processes are killed.",
        DefaultValueFactory = _ => 5,
    };

    private static readonly Option<int> Kills = new("--kills") { Description = "Stop after so many kill -9; 0 for the time alone." };

    private static readonly Option<double> Every = new("--every")
    {
        Description = "Mean seconds between two faults.",
        DefaultValueFactory = _ => 6,
    };

    private static readonly Option<double> Calm = new("--calm")
    {
        Description = "Share of the faults that wait until all is well again, 30 s at most.",
        DefaultValueFactory = _ => 0.6,
    };

    private static readonly Option<double> Leave = new("--leave")
    {
        Description = "Mean seconds between two times that actors, up to a quarter of them, end by SIGTERM and are started anew, beside the faults; 0 for never.",
    };

    private static readonly Option<int> Actors = new("--actors") { Description = "Actor processes.", DefaultValueFactory = _ => 3 };

    private static readonly Option<bool> Json = new("--json") { Description = "Prints the figures as one JSON object." };

    // Enough to keep everything busy on two cores and nobody waiting for the learner for long.
    private static readonly (string Name, string Value)[] Defaults =
    [
        ("--env", "fake"), ("--env.fake.step_milliseconds", "2"), ("--actor.environments", "2"), ("--steps", "1000000000000"),
        ("--limiter.train_ratio", "1"), ("--limiter.tolerance_batches", "16"), ("--learner.checkpoint_seconds", "1"), ("--replay.lost_after_seconds", "6"),
    ];

    public static Command Create() => SettingsCommand.Create(
        "chaos",
        "Runs the distributed topology, kills its processes at random (--seed decides which and when), and counts what was lost, doubled or altered. Exit code 1 if anything was.",
        RunAsync,
        [Minutes, Kills, Every, Calm, Leave, Actors, Json]);

    /// <summary>What <c>chaos</c> starts in the learner's place.</summary>
    public static Command CreateLearner()
    {
        var command = SettingsCommand.Create(
            ChaosLearner.Command, "The learner of chaos.", (_, configuration, cancellation) => ChaosLearner.RunAsync(configuration, cancellation));
        command.Hidden = true;
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, DreamerConfiguration configuration, CancellationToken cancellation)
    {
        var options = new ChaosOptions(
            TimeSpan.FromMinutes(parsed.GetValue(Minutes)), parsed.GetValue(Kills), TimeSpan.FromSeconds(parsed.GetValue(Every)), parsed.GetValue(Calm),
            TimeSpan.FromSeconds(parsed.GetValue(Leave)), parsed.GetValue(Actors), (int)configuration.Bind<RunSettings>("").Seed);
        if (options.Length <= TimeSpan.Zero || options.Every <= TimeSpan.Zero || options.Calm is not (>= 0 and <= 1) || options.Actors < 1 || options.Kills < 0 || options.Leave < TimeSpan.Zero)
        {
            throw new UserErrorException("--minutes and --every must be above 0, --calm within 0 and 1, --actors at least 1, --kills and --leave not negative", ExitCode.Usage);
        }

        var given = parsed.UnmatchedTokens;
        bool Given(string name) => given.Any(token => token == name || token.StartsWith(name + "=", StringComparison.Ordinal));
        string[] flags = [.. Defaults.Where(setting => !Given(setting.Name)).SelectMany(setting => new[] { setting.Name, setting.Value }), .. given];
        var resolved = ConfigurationLoader.Load(new ConfigurationRequest(flags));
        var logdir = Given("--logdir") ? resolved.Bind<RunSettings>("").Logdir : Path.Combine("logdir", $"chaos-{options.Seed}");
        var report = await new ChaosRun(flags, Path.GetFullPath(logdir), options, resolved.Bind<LimiterSettings>("limiter").TrainRatio, Console.Error.WriteLine)
            .RunAsync(cancellation);
        if (parsed.GetValue(Json))
        {
            Console.WriteLine(JsonSerializer.Serialize(report, Form));
        }
        else
        {
            foreach (var property in JsonSerializer.SerializeToNode(report, Form)!.AsObject())
            {
                Console.WriteLine($"{property.Key,-24}{property.Value?.ToJsonString()}");
            }
        }

        return report.Kept ? ExitCode.Success : ExitCode.Failure;
    }
}
