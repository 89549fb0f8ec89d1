using Dreamer.System.Tests.Processes;

namespace Dreamer.System.Tests.Command;

/// <summary>Stopping a training run and going on with the same command.</summary>
public sealed class InterruptionTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Ctrl_C_saves_the_same_command_resumes_and_SIGTERM_exits_with_0()
    {
        var run = new RunDirectory(_directory["run"]);
        string[] command = ["train", "--configs", "debug", "--env", "fake", "--steps", "1000000", "--learner.log_seconds", "0.1", "--logdir", run.Path];

        StoredExperience before;
        long updates, steps;
        await using (var first = DreamerCommand.Start(_directory.Path, command))
        {
            await Until.HoldsAsync("20 updates", () => run.LoggedUpdates >= 20, () => first.Said);

            var (code, _, errors) = await DreamerCommand.RunAsync(_directory.Path, command);
            Assert.Equal(1, code);
            Assert.Contains(run.Path, DreamerCommand.ErrorLine(errors));
            Assert.True(first.Running);

            first.Interrupt();
            Assert.Equal(130, await first.ExitAsync());
            (updates, steps) = (run.Updates, run.Steps);
            Assert.True(updates >= 20);
            before = await run.ReadJournalAsync();
            Assert.True(before.Steps >= steps);
        }

        await using (var second = DreamerCommand.Start(_directory.Path, command))
        {
            // More than it owes for what the first left behind, a chunk and an open one of 32 replayed steps each: it needs steps of its own.
            await Until.HoldsAsync("100 updates more", () => run.LoggedUpdates >= updates + 100, () => second.Said);
            await second.SaysAsync($"{updates} updates, {steps} environment steps");
            second.Terminate();
            Assert.Equal(0, await second.ExitAsync());
        }

        Assert.True(run.Updates >= updates + 100);
        Assert.True(run.Steps >= steps);
        var after = await run.ReadJournalAsync();
        Assert.Equal(before.Records, after.Records.Take(before.Records.Count));
        Assert.Equal(2, after.Audit().Count);

        var lines = run.Lines("metrics.jsonl").Where(line => line.TryGetProperty("train/updates", out _)).ToArray();
        long[] logged = [.. lines.Select(line => line.GetProperty("train/updates").GetInt64())];
        Assert.Equal(logged.Order(), logged);
        double[] ratios = [.. lines.Where(line => line.GetProperty("train/updates").GetInt64() > updates).Select(line => line.GetProperty("replay/ratio").GetDouble())];
        Assert.All(ratios, ratio => Assert.InRange(ratio, 1, 33));
    }
}
