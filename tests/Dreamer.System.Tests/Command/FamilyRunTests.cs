using System.Text.Json;
using Dreamer.System.Tests.Processes;

namespace Dreamer.System.Tests.Command;

/// <summary>The older generations by the same commands: random actions first, then a policy of their own, then an evaluation.</summary>
public sealed class FamilyRunTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("dreamer_v1", "pendulum", "policy")]
    [InlineData("dreamer_v1", "cartpole", "policy")]
    [InlineData("dreamer_v2", "pendulum", "policy")]
    [InlineData("dreamer_v2", "cartpole", "policy")]
    [InlineData("planet", "pendulum", "kl")]
    public async Task An_agent_trains_and_plays(string agent, string task, string loss)
    {
        var run = new RunDirectory(_directory["run"]);
        var (code, _, errors) = await DreamerCommand.RunAsync(
            _directory.Path, "train", "--configs", task, agent, "debug", "--steps", "400", "--limiter.train_ratio", "8", "--learner.log_seconds", "0.1",
            "--env.time_limit", "50", "--limiter.min_items", "50", "--limiter.pretrain_batches", "3", "--logdir", run.Path);
        Assert.True(code == 0, errors);
        Assert.Contains(run.Lines("metrics.jsonl"), line => line.TryGetProperty($"train/loss/{loss}", out var value) && double.IsFinite(value.GetDouble()));

        (code, var output, errors) = await DreamerCommand.RunAsync(_directory.Path, "eval", "--logdir", run.Path, "--episodes", "1", "--json");
        Assert.True(code == 0, errors);
        Assert.True(JsonDocument.Parse(output).RootElement.GetProperty("updates").GetInt64() > 3);
    }

    /// <summary>The stages of World Models in one run that is stopped and resumed: random networks, V, M, then candidates that the actor plays, or the dream.</summary>
    [Theory]
    [InlineData("world_models_small")]
    [InlineData("world_models_doom", "--env", "CartPole-v1", "--world_models.controller.bias", "true")]
    public async Task World_Models_go_through_their_stages(string preset, params string[] more)
    {
        var run = new RunDirectory(_directory["run"]);
        async Task TrainAsync(int steps)
        {
            var (code, _, errors) = await DreamerCommand.RunAsync(_directory.Path,
            [
                "train", "--configs", preset, "debug", .. more, "--env.action_repeat", "1", "--env.time_limit", "20", "--steps", $"{steps}", "--limiter.train_ratio", "8",
                "--learner.log_seconds", "0.1", "--learner.publish_updates", "1", "--limiter.min_items", "50", "--limiter.pretrain_batches", "4", "--logdir", run.Path,
                "--world_models.controller.evaluate_every", "1", "--actor.environments", "2", "--replay.chunk_steps", "8",
            ]);
            Assert.True(code == 0, errors);
        }

        bool Searched() => run.Lines("metrics.jsonl").Any(line => line.TryGetProperty("train/controller/champion", out _));

        // How many steps a generation takes depends on when the actor hears of its candidates: on a loaded machine it plays some in vain.
        await TrainAsync(60);
        for (var steps = 1000; !Searched() && steps <= 8000; steps += 1000)
        {
            await TrainAsync(steps);
        }

        Assert.True(Searched(), "no generation of candidates was ever scored, nor its mean evaluated");
        var (code, output, errors) = await DreamerCommand.RunAsync(_directory.Path, "eval", "--logdir", run.Path, "--episodes", "1", "--json");
        Assert.True(code == 0, errors);
        Assert.True(JsonDocument.Parse(output).RootElement.GetProperty("updates").GetInt64() > 4);
    }

    [Fact]
    public async Task Only_an_agent_that_tells_priorities_draws_by_them()
    {
        string[] settings = ["debug", "--steps", "300", "--replay.selectors.uniform", "0.5", "--replay.selectors.prioritized", "0.5", "--learner.log_seconds", "0.1"];
        var run = new RunDirectory(_directory["run"]);
        var (code, _, errors) = await DreamerCommand.RunAsync(_directory.Path, ["train", "--configs", "cartpole", .. settings, "--logdir", run.Path]);
        Assert.True(code == 0, errors);
        Assert.Contains(run.Lines("metrics.jsonl"), line => line.TryGetProperty("train/loss/rew", out _));

        (code, _, errors) = await DreamerCommand.RunAsync(_directory.Path, ["train", "--configs", "cartpole", "dreamer_v2", .. settings, "--logdir", _directory["other"]]);
        Assert.Equal(1, code);
        Assert.Contains("replay.selectors.prioritized", DreamerCommand.ErrorLine(errors));
    }

    [Fact]
    public async Task An_agent_that_cannot_serve_the_task_names_one_that_can()
    {
        var (code, _, errors) = await DreamerCommand.RunAsync(_directory.Path, "train", "--configs", "cartpole", "planet", "--logdir", _directory["run"]);

        Assert.Equal(1, code);
        Assert.Contains("use --agent dreamer_v3", DreamerCommand.ErrorLine(errors));
    }
}
