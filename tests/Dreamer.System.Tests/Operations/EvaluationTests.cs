using System.Text.Json;
using Dreamer.System.Tests.Processes;

namespace Dreamer.System.Tests.Operations;

/// <summary>Evaluation: in one process and as actors of their own.</summary>
public sealed class EvaluationTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Training_in_one_process_evaluates_at_the_steps_asked_for()
    {
        var run = new RunDirectory(_directory["run"]);
        await using var training = DreamerCommand.Start(
            _directory.Path,
            [
                "train", "--configs", "debug", "--env", "fake", "--steps", "1000000", "--actor.environments", "2", "--eval.every", "300", "--eval.episodes", "3",
                "--logdir", run.Path,
            ]);
        await Until.HoldsAsync("three policies are evaluated", () => Versions(run).Count() >= 3, () => training.Said);
        training.Terminate();
        Assert.True(await training.ExitAsync() == 0, training.Said);

        var evaluated = Evaluated(run).GroupBy(line => line.GetProperty("eval/policy_version").GetInt64()).OrderBy(policy => policy.Key).ToArray();
        long[] steps = [.. evaluated.Select(policy => policy.First().GetProperty("step").GetInt64())];
        Assert.Equal(0, steps[0]);
        Assert.Equal(steps.Select(step => step / 300).Distinct(), steps.Select(step => step / 300));
        Assert.All(evaluated, policy => Assert.Equal([100, 100, 100], policy.Select(line => line.GetProperty("eval/length").GetInt32())));

        // The fake's rewards follow from its record alone: every policy began anew.
        double[] scores = [.. evaluated[0].Select(Score)];
        Assert.All(evaluated, policy => Assert.Equal(scores, policy.Select(Score)));
    }

    [Fact]
    public async Task An_evaluation_actor_follows_the_weights_and_stores_nothing()
    {
        await using var cluster = new Cluster();
        var (replay, learner, actors) = await cluster.StartAllAsync(actors: 1);
        var evaluator = cluster.StartEvaluator(0, "--eval.episodes", "2");
        await Until.HoldsAsync("three policies are evaluated", () => Versions(cluster.Run).Count() >= 3, () => cluster.Said);

        var (code, output, errors) = await cluster.OperateAsync("status", "--json");
        Assert.True(code == 0, errors);
        var status = JsonDocument.Parse(output).RootElement;
        Assert.Equal("actor-0", Assert.Single(status.GetProperty("actors").EnumerateArray()).GetProperty("actor").GetString());
        var reported = Assert.Single(status.GetProperty("evaluators").EnumerateArray());
        Assert.Equal(("eval-0", 2), (reported.GetProperty("actor").GetString(), reported.GetProperty("episodes").GetInt32()));

        await cluster.TerminateAsync([evaluator, .. actors]);
        await cluster.TerminateAsync(learner, replay);
        var stored = await cluster.ReadAsync();
        Assert.Equal(2, stored.Audit().Count);
        Assert.All(
            Evaluated(cluster.Run).GroupBy(line => line.GetProperty("eval/policy_version").GetInt64()),
            policy => Assert.Equal(2, policy.Count()));
        long[] steps = [.. Evaluated(cluster.Run).Select(line => line.GetProperty("step").GetInt64())];
        Assert.Equal(steps.Order(), steps);
        Assert.True(steps[^1] > 0);
    }

    private static JsonElement[] Evaluated(RunDirectory run) => [.. run.Lines("metrics.jsonl").Where(line => line.TryGetProperty("eval/score", out _))];

    private static IEnumerable<long> Versions(RunDirectory run) => Evaluated(run).Select(line => line.GetProperty("eval/policy_version").GetInt64()).Distinct();

    private static double Score(JsonElement line) => line.GetProperty("eval/score").GetDouble();
}
