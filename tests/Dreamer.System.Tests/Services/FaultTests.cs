using Dreamer.System.Tests.Processes;

namespace Dreamer.System.Tests.Services;

/// <summary>
/// Each process killed with kill -9 in the middle of a run and started again. Afterwards every step of every stream must be
/// in Redis once: nothing doubled, nothing missing but the tail that a killed actor had not sent.
/// </summary>
public sealed class FaultTests
{
    private const int Chunk = 64;

    [Fact]
    public async Task The_replay_service_dies_and_comes_back()
    {
        await using var cluster = new Cluster();
        var (replay, learner, actors) = await cluster.StartAllAsync(actors: 2);
        await cluster.InsertAsync(40 * Chunk);
        var before = await cluster.InsertedStepsAsync();

        await replay.KillAsync();
        replay = cluster.StartReplay();
        await Until.HoldsAsync("what was acknowledged is there", async () => await cluster.InsertedStepsAsync() >= before, () => cluster.Said);
        await cluster.ConnectedAsync(2);
        await cluster.InsertAsync(40 * Chunk);

        await EndAsync(cluster, replay, learner, actors, streams: 4);
    }

    [Fact]
    public async Task Redis_dies_and_comes_back()
    {
        await using var cluster = new Cluster();
        var (replay, learner, actors) = await cluster.StartAllAsync(actors: 2);
        await cluster.InsertAsync(40 * Chunk);

        await cluster.Redis.KillAsync();
        await cluster.Redis.StartAsync();
        await cluster.ConnectedAsync(2);
        await cluster.InsertAsync(40 * Chunk);
        Assert.True(replay.Running && learner.Running, cluster.Said);

        await EndAsync(cluster, replay, learner, actors, streams: 4);
    }

    [Fact]
    public async Task The_learner_dies_and_resumes_from_its_checkpoint()
    {
        await using var cluster = new Cluster();
        var (replay, learner, actors) = await cluster.StartAllAsync(actors: 2);
        await Until.HoldsAsync("a checkpoint after 20 updates", () => cluster.Run.Checkpoints.Length > 1 && cluster.Run.Updates >= 20, () => cluster.Said);

        await learner.KillAsync();
        var updates = cluster.Run.Updates;
        learner = cluster.StartLearner();
        await cluster.UpdateAsync(20);
        await learner.SaysAsync("resumed from");
        await cluster.ConnectedAsync(2);
        await cluster.InsertAsync(40 * Chunk);

        await EndAsync(cluster, replay, learner, actors, streams: 4);
        Assert.True(cluster.Run.Updates >= updates + 20);
    }

    [Fact]
    public async Task An_actor_dies_and_another_takes_its_place()
    {
        await using var cluster = new Cluster();
        var (replay, learner, actors) = await cluster.StartAllAsync(actors: 2);
        await cluster.ConnectedAsync(2);
        await cluster.InsertAsync(40 * Chunk);
        await cluster.SentAsync(0, streams: 2);

        await actors[0].KillAsync();
        await cluster.ConnectedAsync(1);
        await cluster.InsertAsync(20 * Chunk);
        actors[0] = cluster.StartActor(0);
        await cluster.ConnectedAsync(2);
        await cluster.InsertAsync(40 * Chunk);

        await EndAsync(cluster, replay, learner, actors, streams: 6);
    }

    /// <summary>Without Redis a restart forgets everything; actors go on, what they keep becomes new streams.</summary>
    [Fact]
    public async Task A_replay_service_in_memory_dies_and_the_actors_go_on()
    {
        await using var cluster = new Cluster("--replay.store", "memory", "--replay.redis", "127.0.0.1:1", "--limiter.head_start_steps", "1000000");
        var replay = cluster.StartReplay();
        await cluster.PublishRandomWeightsAsync();

        // Slow steps: between two chunks there is time in which all that was sent is acknowledged for good, and nothing is kept any more.
        var health = FreePorts.Take(1)[0];
        var actor = cluster.StartActor(0, "--env.fake.step_milliseconds", "5", "--actor.health_listen", health);
        await cluster.InsertAsync(6 * Chunk);
        await Until.HoldsAsync("the actor keeps nothing", async () => await Health.MetricAsync(health, "dreamer_actor_buffered_bytes") == 0, () => cluster.Said);

        await replay.KillAsync();
        replay = cluster.StartReplay();
        await cluster.InsertAsync(6 * Chunk);
        Assert.True(actor.Running, actor.Said);
        await cluster.TerminateAsync(actor);
        await cluster.TerminateAsync(replay);
        Assert.Contains("goes on as a new stream", actor.Output + actor.Errors);
    }

    /// <summary>Ends everything cleanly and audits what is stored.</summary>
    private static async Task EndAsync(Cluster cluster, ChildProcess replay, ChildProcess learner, ChildProcess[] actors, int streams)
    {
        await cluster.ActAsync(actors);
        await cluster.TerminateAsync(actors);
        await cluster.TerminateAsync(learner);
        var inserted = await cluster.InsertedStepsAsync();
        await cluster.TerminateAsync(replay);
        var stored = await cluster.ReadAsync();
        Assert.Equal(streams, stored.Audit().Count);
        Assert.Equal(inserted, stored.Steps);
    }
}
