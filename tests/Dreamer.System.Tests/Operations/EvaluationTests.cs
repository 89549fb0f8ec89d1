using System.Text.Json;
using Dreamer.Actor;
using Dreamer.Environments;
using Dreamer.Experience;
using Dreamer.Hosting.Configuration;
using Dreamer.Policies;
using Dreamer.System.Tests.Processes;
using Microsoft.Extensions.Logging.Abstractions;

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
        Assert.Equal(steps.Order(), steps);
        Assert.Equal(steps.Select(step => step / 300).Distinct(), steps.Select(step => step / 300));
        Assert.All(evaluated, policy => Assert.Equal([100, 100, 100], policy.Select(line => line.GetProperty("eval/length").GetInt32())));

        // The fake's rewards follow from its record alone: every policy began anew.
        double[] scores = [.. evaluated[0].Select(Score)];
        Assert.All(evaluated, policy => Assert.Equal(scores, policy.Select(Score)));
    }

    [Fact]
    public async Task The_first_policy_of_each_stretch_of_steps_is_played()
    {
        var configuration = ConfigurationLoader.Load(new ConfigurationRequest(["--env", "fake", "--eval.every", "300", "--eval.episodes", "1"])
        {
            Environment = new Dictionary<string, string>(),
        });
        var task = EnvironmentRegistry.SpecOf(configuration.Bind<EnvironmentOptions>("env"));
        long[] published = [0, 64, 299, 300, 364, 905, 1199, 1200];
        var record = new Record([.. published.Select((steps, version) => RandomPolicy.Blob(task, version) with { Steps = steps })]);
        var evaluation = ActorHost.Evaluation(configuration, 0, record, record, TimeProvider.System, NullLoggerFactory.Instance);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => evaluation.RunAsync(CancellationToken.None));
        Assert.Equal([0, 300, 905, 1200], record.Played);
    }

    [Fact]
    public async Task An_evaluation_actor_follows_the_weights_and_stores_nothing()
    {
        await using var cluster = new Cluster();
        var (replay, learner, actors) = await cluster.StartAllAsync(actors: 1);
        var evaluator = cluster.StartEvaluator(0, "--eval.episodes", "2");
        await Until.HoldsAsync("three policies are evaluated", () => Versions(cluster.Run).Count() >= 3, () => cluster.Said);

        var status = await cluster.StatusAsync();
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

    /// <summary>Hands out one policy after the other until there is none, and notes which were played.</summary>
    private sealed class Record(PolicyBlob[] policies) : IPolicyFeed, IEvaluationLog
    {
        public List<long> Played { get; } = [];

        public ValueTask<PolicyBlob> NextAsync(long afterVersion, CancellationToken cancellationToken) =>
            afterVersion + 1 < policies.Length ? ValueTask.FromResult(policies[afterVersion + 1]) : throw new OperationCanceledException();

        public Task<long> PublishAsync(PolicyBlob blob, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask ReportAsync(IReadOnlyList<EvaluatedEpisode> episodes, CancellationToken cancellation)
        {
            Played.AddRange(episodes.Select(episode => episode.PolicySteps));
            return ValueTask.CompletedTask;
        }
    }
}
