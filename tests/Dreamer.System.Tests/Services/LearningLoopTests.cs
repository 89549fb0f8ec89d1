using System.Net;
using System.Text.Json;
using Dreamer.System.Tests.Processes;

namespace Dreamer.System.Tests.Services;

/// <summary>The services in processes of their own over a real Redis, nothing failing.</summary>
public sealed class LearningLoopTests
{
    [Fact]
    public async Task Experience_becomes_updates_and_their_weights_reach_the_actors()
    {
        await using var cluster = new Cluster();
        await cluster.Redis.StartAsync();
        var learner = cluster.StartLearner();
        await Until.HoldsAsync(
            "the learner says that it waits for the replay service",
            async () => await Health.GetAsync(cluster.LearnerHealth, "/ready") is (HttpStatusCode.ServiceUnavailable, var lacking) && lacking.Contains("has not answered"),
            () => cluster.Said);
        var actorHealth = FreePorts.Take(1)[0];
        var first = cluster.StartActor(0, "--actor.health_listen", actorHealth);
        await Until.HoldsAsync(
            "the actor says that it waits for weights",
            async () => await Health.GetAsync(actorHealth, "/ready") is (HttpStatusCode.ServiceUnavailable, var lacking) && lacking.Contains("no weights"),
            () => cluster.Said);
        Assert.Equal(HttpStatusCode.OK, (await Health.GetAsync(actorHealth, "/alive")).Status);
        var replay = cluster.StartReplay();
        ChildProcess[] actors = [first, cluster.StartActor(1)];
        await cluster.UpdateAsync(20);
        await Until.HoldsAsync(
            "every actor acts with weights that were trained",
            async () => await cluster.MetricAsync("dreamer_replay_actor_policy_version") >= 1
                && await cluster.MetricAsync("dreamer_replay_actors_connected") == 2,
            () => cluster.Said);
        await cluster.InsertAsync(40 * 64);

        foreach (var path in new[] { "/alive", "/ready", "/health" })
        {
            foreach (var address in new[] { cluster.ReplayHealth, cluster.LearnerHealth, actorHealth })
            {
                await Until.HoldsAsync(
                    $"{address} is well at {path}",
                    async () => await Health.GetAsync(address, path) is (HttpStatusCode.OK, var body) && JsonDocument.Parse(body).RootElement.GetProperty("status").GetString() is "alive" or "healthy",
                    () => cluster.Said);
            }
        }

        Assert.InRange(await cluster.MetricAsync("dreamer_limiter_train_ratio"), 0.1, 1.5);
        Assert.Equal(0, await cluster.MetricAsync("dreamer_replay_chunk_gaps_total"));

        await cluster.ActAsync(actors);
        await cluster.TerminateAsync(actors);
        await cluster.TerminateAsync(learner);
        await cluster.TerminateAsync(replay);
        var stored = await cluster.ReadAsync();
        Assert.Equal(4, stored.Audit().Count);
        Assert.True(stored.Steps >= cluster.Run.Steps);
        Assert.True(cluster.Run.Updates >= 20);
        Assert.NotEmpty(cluster.Run.Lines("scores.jsonl"));

        // A clean end sends the rest of each stream and marks it: chunks are full elsewhere.
        Assert.All(
            stored.Records.GroupBy(record => record.Stream),
            stream => Assert.Equal(stream.MaxBy(record => record.Sequence).Sequence, Assert.Single(stream, record => record.EndsStream).Sequence));
        Assert.All(stored.Records.Where(record => record.Steps < 62), record => Assert.True(record.EndsStream));
    }
}
