using Dreamer.System.Tests.Processes;

namespace Dreamer.System.Tests.Operations;

/// <summary>An upgrade: every service ends with SIGTERM and starts again, one after the other, under load.</summary>
public sealed class RollingRestartTests
{
    private const int Chunk = 64;

    [Fact]
    public async Task Every_service_restarted_in_turn_loses_nothing_and_doubles_nothing()
    {
        // What actors keep while the service is away is what the learner has to train on before they may go on.
        await using var cluster = new Cluster("--learner.checkpoint_seconds", "100000", "--env.fake.step_milliseconds", "2");
        var (replay, learner, actors) = await cluster.StartAllAsync(actors: 2);
        await cluster.UpdateAsync(5);
        await cluster.InsertAsync(10 * Chunk);

        await cluster.TerminateAsync(replay);
        replay = cluster.StartReplay();
        await cluster.InsertAsync(10 * Chunk);

        await cluster.Redis.StopAsync();
        await cluster.Redis.StartAsync();
        await cluster.InsertAsync(10 * Chunk);

        await cluster.TerminateAsync(learner);
        var updates = cluster.Run.Updates;
        Assert.True(updates >= 5);
        learner = cluster.StartLearner();
        await cluster.UpdateAsync(5);

        for (var index = 0; index < actors.Length; index++)
        {
            await cluster.ActAsync(actors[index]);
            await cluster.TerminateAsync(actors[index]);
            actors[index] = cluster.StartActor(index);
            await cluster.ConnectedAsync(actors.Length);
            await cluster.InsertAsync(5 * Chunk);
        }

        await cluster.ActAsync(actors);
        await cluster.TerminateAsync(actors);
        await cluster.TerminateAsync(learner);
        var inserted = await cluster.InsertedStepsAsync();
        await cluster.TerminateAsync(replay);
        Assert.True(cluster.Run.Updates >= updates + 5);

        // Four lives of actors with two environments each. Each stream has every step from its first to the one that its actor said was the last.
        var stored = await cluster.ReadAsync();
        Assert.Equal(8, stored.Audit().Count);
        Assert.Equal(inserted, stored.Steps);
        Assert.All(
            stored.Records.GroupBy(record => record.Stream),
            stream => Assert.Equal(stream.MaxBy(record => record.Sequence).Sequence, Assert.Single(stream, record => record.EndsStream).Sequence));
    }
}
