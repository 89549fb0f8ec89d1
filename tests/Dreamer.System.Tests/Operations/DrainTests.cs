using System.Text.Json;
using Dreamer.System.Tests.Processes;

namespace Dreamer.System.Tests.Operations;

/// <summary><c>dreamer drain</c> and <c>dreamer status</c> on a service of real processes.</summary>
public sealed class DrainTests
{
    [Fact]
    public async Task Drained_everything_is_durable_and_saved_and_the_run_goes_on()
    {
        await using var cluster = new Cluster("--learner.checkpoint_seconds", "100000");
        var (replay, learner, actors) = await cluster.StartAllAsync(actors: 2);
        await cluster.UpdateAsync(10);
        await Until.HoldsAsync(
            "both actors are there and tell how long acknowledgements take",
            async () => (await cluster.StatusAsync()).GetProperty("actors").EnumerateArray().Count(actor => actor.GetProperty("ack_p95_seconds") is { ValueKind: JsonValueKind.Number }) == 2,
            () => cluster.Said);

        var before = await cluster.StatusAsync();
        Assert.StartsWith("redis ", before.GetProperty("store").GetProperty("kind").GetString());
        Assert.True(before.GetProperty("learner").GetProperty("attached").GetBoolean());
        Assert.True(before.GetProperty("weights").GetProperty("version").GetInt64() >= 0);
        Assert.False(before.GetProperty("draining").GetBoolean());

        var (code, output, errors) = await cluster.OperateAsync("drain");
        Assert.True(code == 0, errors + cluster.Said);
        foreach (var process in (ChildProcess[])[learner, .. actors])
        {
            Assert.True(await process.ExitAsync() == 0, cluster.Said);
        }

        var inserted = await cluster.InsertedStepsAsync();
        var updates = cluster.Run.Updates;
        Assert.True(updates >= 10);
        Assert.Contains($"{inserted} steps are durable, the learner saved after {updates} updates", output);
        var after = await cluster.StatusAsync();
        Assert.True(after.GetProperty("draining").GetBoolean());
        Assert.Equal(0, after.GetProperty("store").GetProperty("not_durable").GetInt32());
        Assert.Equal(updates, after.GetProperty("learner").GetProperty("saved_updates").GetInt64());

        // Whoever comes now is sent away again, with success, and what is there stays.
        var late = cluster.StartActor(2);
        Assert.True(await late.ExitAsync() == 0, late.Said);

        // Redis may be killed, and nothing is missing; after the drain was cancelled the run goes on.
        await cluster.Redis.KillAsync();
        await cluster.Redis.StartAsync();
        (code, _, errors) = await cluster.OperateAsync("drain", "--cancel");
        Assert.True(code == 0, errors);
        learner = cluster.StartLearner();
        actors = [cluster.StartActor(0), cluster.StartActor(1)];
        await cluster.UpdateAsync(5);
        Assert.True(await cluster.InsertedStepsAsync() >= inserted);

        await cluster.TerminateAsync(actors);
        await cluster.TerminateAsync(learner, replay);
        (await cluster.ReadAsync()).Audit();
        Assert.True(cluster.Run.Updates >= updates + 5);
    }

    [Fact]
    public async Task Only_an_operator_may_drain()
    {
        await using var cluster = new Cluster("--replay.store", "memory");
        var replay = cluster.StartReplay();
        await Until.HoldsAsync("the service answers", async () => (await cluster.OperateAsync("status")).Code == 0, () => cluster.Said);

        var (code, _, errors) = await cluster.OperateAsync("drain", "--replay.token_file", cluster.Secret("learner", "token-of-the-learner"));
        Assert.Equal(1, code);
        Assert.Contains("replay.token_file", DreamerCommand.ErrorLine(errors));
        Assert.False((await cluster.StatusAsync()).GetProperty("draining").GetBoolean());
        await cluster.TerminateAsync(replay);
    }
}
