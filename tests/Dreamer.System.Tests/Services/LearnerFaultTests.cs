using Dreamer.Chaos;
using Dreamer.System.Tests.Processes;

namespace Dreamer.System.Tests.Services;

/// <summary>The learner dies, is ended, and finds its checkpoint torn.</summary>
public sealed class LearnerFaultTests
{
    [Fact]
    public async Task The_train_ratio_is_exact_over_five_resumes()
    {
        const int batch = LedgerAgent.StepsPerUpdate;
        await using var cluster = new Cluster("--limiter.train_ratio", "4", "--limiter.tolerance_batches", "1");
        var (replay, learner, actors) = await cluster.StartCheckedAsync(actors: 2);
        for (var life = 0; life < 5; life++)
        {
            var updates = cluster.Run.Checkpoints.Length == 0 ? 0 : cluster.Run.Updates;
            await Until.HoldsAsync("100 updates more are saved", () => cluster.Run.Checkpoints.Length > 0 && cluster.Run.Updates >= updates + 100, () => cluster.Said);
            if (life % 2 == 0)
            {
                await learner.KillAsync();
            }
            else
            {
                await cluster.TerminateAsync(learner);
            }

            learner = cluster.StartChecker();
        }

        await Until.HoldsAsync("enough to judge by", async () => await cluster.InsertedStepsAsync() >= 200 * batch, () => cluster.Said);
        // A learner that was killed owes what it did after its checkpoint. Nothing more comes in, so nothing thins out a mistake.
        await cluster.TerminateAsync(actors);
        await Until.HoldsAsync(
            "the learner has caught up", async () => await cluster.MetricAsync("dreamer_limiter_train_ratio") is >= 3.96 and <= 4.04, () => cluster.Said);
        await cluster.EndAsync(replay, learner, []);
        Assert.InRange(cluster.Run.Updates * batch / (double)(cluster.Run.Steps - cluster.Run.CountedFrom), 3.96, 4.04);
    }

    [Fact]
    public async Task A_torn_checkpoint_is_passed_over_for_the_one_before()
    {
        await using var cluster = new Cluster();
        var (replay, learner, actors) = await cluster.StartCheckedAsync(actors: 1);
        await Until.HoldsAsync("two checkpoints", () => cluster.Run.Checkpoints.Length > 1, () => cluster.Said);
        await learner.KillAsync();
        var (newest, before) = (cluster.Run.Checkpoints[^1], Path.GetFileName(cluster.Run.Checkpoints[^2]));
        using (var state = new FileStream(Path.Combine(newest, "state.json"), FileMode.Open))
        {
            state.SetLength(state.Length / 2);
        }

        learner = cluster.StartChecker();
        await learner.SaysAsync("resumed from");
        Assert.Contains("a checkpoint cannot be used, trying the one before", learner.Output + learner.Errors);
        Assert.Matches($"resumed from .*{before}", learner.Output + learner.Errors);
        await Until.HoldsAsync("it saves again", () => Path.GetFileName(cluster.Run.Checkpoints[^1]) != Path.GetFileName(newest), () => cluster.Said);
        await cluster.EndAsync(replay, learner, actors);
    }
}
