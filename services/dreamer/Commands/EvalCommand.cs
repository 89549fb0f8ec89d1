using System.CommandLine;
using System.Text.Json;
using Dreamer.Actor;
using Dreamer.Environments;
using Dreamer.Hosting;
using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Settings;
using Dreamer.Policies;
using Dreamer.Spaces;

namespace Dreamer.Commands;

/// <summary><c>dreamer eval</c></summary>
internal static class EvalCommand
{
    private static readonly Option<string> RunDirectory = new("--logdir") { Description = "Directory of the run.", Required = true };
    private static readonly Option<int> Episodes = new("--episodes") { Description = "Episodes to play.", DefaultValueFactory = _ => 20 };
    private static readonly Option<bool> Json = new("--json") { Description = "Prints {\"mean\", \"std\", \"episodes\", ...}." };

    public static Command Create()
    {
        var command = new Command("eval", "Plays episodes with the newest checkpoint of a run and prints their mean score.")
        {
            RunDirectory, Episodes, Json,
        };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction((parsed, cancellation) => Task.Run(() => Run(parsed, cancellation), cancellation));
        return command;
    }

    private static int Run(ParseResult parsed, CancellationToken cancellation)
    {
        var episodes = parsed.GetValue(Episodes);
        if (episodes < 1)
        {
            throw new UserErrorException("--episodes must be at least 1", ExitCode.Usage);
        }

        var (configuration, blob, updates) = LoadPolicy(parsed);
        var seed = (ulong)configuration.Bind<RunSettings>("").Seed + EvaluationOptions.SeedOffset;
        var policy = PolicyFactory.Create(blob, slots: 1, seed, PolicyPurpose.Evaluate);
        using var environment = EnvironmentRegistry.Make(configuration.Bind<EnvironmentOptions>("env"), seed);
        var scores = Enumerable.Range(0, episodes).Select(_ => Play(environment, policy, cancellation)).ToArray();
        var mean = scores.Average();
        var std = Math.Sqrt(scores.Average(score => (score - mean) * (score - mean)));
        Console.WriteLine(parsed.GetValue(Json)
            ? JsonSerializer.Serialize(new { mean, std, episodes, updates, scores })
            : $"mean {mean:0.###} +- {std:0.###} over {episodes} episodes (checkpoint of {updates} updates)");
        return ExitCode.Success;
    }

    private static (DreamerConfiguration Configuration, PolicyBlob Blob, long Updates) LoadPolicy(ParseResult parsed)
    {
        using var run = TrainedRun.Open(parsed.GetValue(RunDirectory)!, parsed.UnmatchedTokens);
        return (run.Configuration, run.Agent.ExportPolicy(0), run.Agent.Updates);
    }

    private static double Play(IEnvironment environment, IPolicy policy, CancellationToken cancellation)
    {
        var step = new TimeStep(environment.Spec);
        var action = new float[environment.Spec.Action.Size];
        var score = 0.0;
        environment.Reset(step);
        while (!step.IsLast)
        {
            cancellation.ThrowIfCancellationRequested();
            policy.Act([0], [step], action);
            environment.Step(action, step);
            score += step.Reward;
        }

        return score;
    }
}
