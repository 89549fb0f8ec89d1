using System.Net;
using Dreamer.System.Tests.Processes;

namespace Dreamer.System.Tests.Services;

/// <summary>What the services do when Redis is slow, empty, full or taken over, each for real; the ledgers say what must be there afterwards.</summary>
public sealed class StoreFaultTests
{
    private const int Chunk = 64;

    // Steps at a pace at which actors get rid of what an outage made them keep.
    private static readonly string[] Patient = ["--env.fake.step_milliseconds", "2"];

    [Fact]
    public async Task Redis_dies_and_loads_for_a_long_time()
    {
        await using var cluster = new Cluster(Patient);
        var (replay, learner, actors) = await cluster.StartCheckedAsync(actors: 2);
        await cluster.ConnectedAsync(2);
        await cluster.InsertAsync(100 * Chunk);

        await cluster.Redis.KillAsync();

        // Microseconds per command of the file: some seconds in all, during which nobody gets an answer.
        cluster.Redis.Launch("--key-load-delay", "5000");
        await cluster.Redis.ReadyAsync();
        Assert.Matches("append only file: [1-9][0-9]*\\.[0-9]+ seconds", cluster.Redis.Output);
        await cluster.InsertAsync(20 * Chunk);
        Assert.True(replay.Running && learner.Running, cluster.Said);

        Assert.Equal(4, (await cluster.EndAsync(replay, learner, actors)).Count);
    }

    [Fact]
    public async Task Services_that_start_before_Redis_say_so_and_wait_for_it()
    {
        await using var cluster = new Cluster(Patient);
        var (replay, learner, actor) = (cluster.StartReplay(), cluster.StartLearner(), cluster.StartActor(0));
        await Until.HoldsAsync(
            "the service is not ready for want of Redis", async () => await Health.GetAsync(cluster.ReplayHealth, "/ready") is (HttpStatusCode.ServiceUnavailable, var body) && body.Contains(cluster.Redis.Address), () => cluster.Said);
        await replay.SaysAsync("waiting: replay.redis");

        await cluster.Redis.StartAsync();
        await cluster.ConnectedAsync(1);
        await Until.HoldsAsync("the service is ready", async () => (await Health.GetAsync(cluster.ReplayHealth, "/ready")).Status == HttpStatusCode.OK, () => cluster.Said);
        await cluster.UpdateAsync(1);
        Assert.Equal(2, (await cluster.EndAsync(replay, learner, [actor])).Count);
    }

    [Fact]
    public async Task Redis_is_wiped_while_it_runs()
    {
        await using var cluster = new Cluster(Patient);
        var (replay, learner, actors) = await cluster.StartCheckedAsync(actors: 1);
        await cluster.InsertAsync(20 * Chunk);
        Assert.Equal("OK", await cluster.Redis.CommandAsync("FLUSHALL"));

        await cluster.ReachesAsync("dreamer_replay_chunks_lost_total", 1);
        await cluster.InsertAsync(20 * Chunk);
        Assert.True(learner.Running && replay.Running, cluster.Said);
        await replay.SaysAsync("lost its newest");

        // What was there is gone; everything since is there, and so is what actors still kept.
        var lives = await cluster.EndAsync(replay, learner, actors, life => life.Lost);
        Assert.Equal(2, lives.Count);
        Assert.All(lives, life => Assert.InRange(life.Lost, 0, life.Written - 1));
    }

    [Fact]
    public async Task Redis_runs_out_of_memory_and_gets_more()
    {
        await using var cluster = new Cluster(Patient);
        var (replay, learner, actors) = await cluster.StartCheckedAsync(actors: 2);
        await cluster.ConnectedAsync(2);
        await cluster.InsertAsync(20 * Chunk);
        Assert.Equal("OK", await cluster.Redis.CommandAsync("CONFIG", "SET", "maxmemory", "1mb"));

        await FullAndBackAsync(cluster, () => cluster.Redis.CommandAsync("CONFIG", "SET", "maxmemory", "0"));
        Assert.True(replay.Running && learner.Running && actors.All(actor => actor.Running), cluster.Said);
        await replay.SaysAsync("raise its maxmemory");

        Assert.Equal(4, (await cluster.EndAsync(replay, learner, actors)).Count);
    }

    /// <summary>
    /// The disk is a small tmpfs in a mount namespace of its own; a container without privileges may not do that, and its own /dev/shm is as
    /// small. Files named fill and free say what to do with it.
    /// </summary>
    [Fact]
    public async Task The_disk_of_Redis_is_full_and_gets_room()
    {
        await using var cluster = new Cluster(Patient);
        var script = Path.Combine(Directory.CreateDirectory(cluster.Redis.Data).FullName, "on-small-disk");
        await File.WriteAllTextAsync(script, """
            set -eu
            mkdir -p disk
            if ! mount -t tmpfs -o size=16m none disk; then
                test "$(df -m --output=size /dev/shm | tail -n 1)" -le 256
                rmdir disk
                ln -s "$(mktemp -d /dev/shm/dreamer-test-XXXXXX)" disk
                trap 'rm -r "$(readlink disk)"' EXIT
            fi
            redis-server "$@" --dir "$PWD/disk" --auto-aof-rewrite-percentage 0 &
            trap 'kill -TERM $!; wait $!; cp -r disk/. .; exit 0' TERM
            while [ ! -e fill ]; do sleep 0.1; done
            dd if=/dev/zero of=disk/filler bs=4k 2>/dev/null || true
            while [ ! -e free ]; do sleep 0.1; done
            rm disk/filler
            while true; do sleep 0.1; done
            """);
        var unshare = Environment.UserName == "root" ? "unshare --mount" : "unshare --mount --map-root-user";
        await cluster.Redis.StartByAsync($"if {unshare} true 2>/dev/null; then exec {unshare} bash '{script}' \"$@\"; else exec bash '{script}' \"$@\"; fi");
        var (replay, learner) = (cluster.StartReplay(), cluster.StartChecker());
        ChildProcess[] actors = [cluster.StartActor(0), cluster.StartActor(1)];
        await cluster.ConnectedAsync(2);
        await cluster.InsertAsync(20 * Chunk);
        await File.WriteAllTextAsync(Path.Combine(cluster.Redis.Data, "fill"), "");

        await FullAndBackAsync(cluster, () => File.WriteAllTextAsync(Path.Combine(cluster.Redis.Data, "free"), ""));
        Assert.True(replay.Running && learner.Running && actors.All(actor => actor.Running), cluster.Said);
        await replay.SaysAsync("cannot write to its disk");

        // What it has on that disk is read from the directory that stays.
        await cluster.ActAsync(actors);
        await cluster.TerminateAsync(actors);
        await cluster.TerminateAsync(learner, replay);
        await cluster.Redis.StopAsync();
        await cluster.Redis.StartAsync();
        Assert.Equal("", cluster.WrongBatches);
        var lives = await cluster.AuditAsync();
        Assert.Equal(4, lives.Count);
        Assert.All(lives, life => Assert.True(life.Written == life.Stored && life.Duplicated + life.Altered + life.Disordered == 0, $"{life}"));
    }

    [Fact]
    public async Task Of_two_replay_services_the_older_is_refused()
    {
        await using var cluster = new Cluster(Patient);
        var (first, learner, actors) = await cluster.StartCheckedAsync(actors: 1);
        await cluster.InsertAsync(20 * Chunk);

        var addresses = FreePorts.Take(2);
        var second = cluster.StartReplay("--replay.listen", addresses[0], "--replay.health_listen", addresses[1]);
        await Until.HoldsAsync("the second is ready", async () => (await Health.GetAsync(addresses[1], "/ready")).Status == HttpStatusCode.OK, () => cluster.Said);
        await Until.HoldsAsync(
            "the first says why it is not",
            async () => await Health.GetAsync(cluster.ReplayHealth, "/ready") is (HttpStatusCode.ServiceUnavailable, var body) && body.Contains("another replay service writes"),
            () => cluster.Said);
        await actors[0].SaysAsync("another replay service writes");
        var held = await Health.MetricAsync(addresses[1], "dreamer_replay_inserted_steps_total");
        Assert.InRange(await cluster.InsertedStepsAsync(), 20 * Chunk, held);

        // The newest wins: a restart of the first takes the store back, and the actor has kept everything.
        await cluster.TerminateAsync(first);
        first = cluster.StartReplay();
        await cluster.InsertAsync(20 * Chunk);
        await cluster.TerminateAsync(second);

        Assert.Equal(2, (await cluster.EndAsync(first, learner, actors)).Count);
    }

    /// <summary>Actors pause and say nothing is durable while there is no room; with room everything goes on.</summary>
    private static async Task FullAndBackAsync(Cluster cluster, Func<Task> makeRoom)
    {
        await cluster.ReachesAsync("dreamer_replay_store_full", 1);
        var (before, handedOut) = (await cluster.InsertedStepsAsync(), 0L);
        await Until.HoldsAsync(
            "the actors have paused",
            async () =>
            {
                var paused = handedOut == cluster.Ledgers.Records;
                handedOut = cluster.Ledgers.Records;
                await Task.Delay(500);
                return paused;
            },
            () => cluster.Said);
        Assert.Equal(before, await cluster.InsertedStepsAsync());
        await makeRoom();
        await cluster.InsertAsync(20 * Chunk);
        Assert.Equal(0, await cluster.MetricAsync("dreamer_replay_store_full"));
    }
}
