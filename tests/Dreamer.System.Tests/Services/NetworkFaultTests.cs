using System.Security.Cryptography;
using Dreamer.Chaos;
using Dreamer.Contracts.Clients;
using Dreamer.Environments;
using Dreamer.Environments.Fakes;
using Dreamer.Hosting.Edge;
using Dreamer.Hosting.Settings;
using Dreamer.Policies;
using Dreamer.System.Tests.Processes;
using Dreamer.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.System.Tests.Services;

/// <summary>What networks do, between an actor and the replay service; the ledgers say what must have arrived all the same.</summary>
public sealed class NetworkFaultTests
{
    private const int Chunk = 64;

    [Theory]
    [InlineData("delay")]
    [InlineData("reset")]
    [InlineData("bytes missing")]
    [InlineData("partition")]
    [InlineData("half open")]
    public async Task Nothing_is_lost_or_doubled_between_an_actor_and_the_service(string fault)
    {
        await using var cluster = new Cluster("--replay.lost_after_seconds", "3", "--env.fake.step_milliseconds", "1");
        await cluster.Redis.StartAsync();
        await using var proxy = new FaultProxy(cluster.ReplayAddress);
        var (replay, learner) = (cluster.StartReplay(), cluster.StartChecker());
        await cluster.ReachesAsync("dreamer_policy_version", 0);
        var actor = cluster.StartActor(0, "--replay.address", $"http://{proxy.Address}");
        await cluster.InsertAsync(20 * Chunk);

        async Task LostAsync() => await Until.HoldsAsync(
            "the actor has noticed", () => (actor.Output + actor.Errors).Contains("replay service not reached", StringComparison.Ordinal), () => cluster.Said);
        switch (fault)
        {
            case "delay":
                proxy.Delay = TimeSpan.FromSeconds(0.2);
                break;
            case "reset":
                proxy.Reset();
                await LostAsync();
                break;
            case "bytes missing":
                proxy.SwallowNext(1000);
                await LostAsync();
                break;
            case "partition":
                // Longer than either side waits: both find out by themselves.
                proxy.Partition();
                await LostAsync();
                await cluster.ConnectedAsync(0);
                proxy.Heal();
                break;
            case "half open":
                proxy.HalfOpen();
                await LostAsync();
                break;
        }

        await cluster.ConnectedAsync(1);
        await cluster.InsertAsync(10 * Chunk);
        proxy.Delay = TimeSpan.Zero;
        Assert.Equal(2, (await cluster.EndAsync(replay, learner, [actor])).Count);
    }

    [Fact]
    public async Task Weights_that_a_network_damages_are_counted_and_the_old_ones_stay()
    {
        await using var server = new ReplayServer();
        await using var proxy = new FaultProxy(server.Address);
        using var learner = server.OpenChannel("learner");
        using var damaged = ReplayChannel.Open(server.Configuration.Bind<ReplaySettings>("replay") with { Address = $"http://{proxy.Address}", TokenFile = server.TokenFileOf("actor") });
        await using var writing = new GrpcPolicyFeed(new V1.Weights.WeightsClient(learner.Invoker), TimeProvider.System, NullLogger<GrpcPolicyFeed>.Instance);
        await using var reading = new GrpcPolicyFeed(new V1.Weights.WeightsClient(damaged.Invoker), TimeProvider.System, NullLogger<GrpcPolicyFeed>.Instance);
        using var limit = new CancellationTokenSource(Until.Limit);
        await writing.PublishAsync(Weights(0), limit.Token);
        Assert.Equal(0, (await reading.NextAsync(-1, limit.Token)).Version);

        // A byte may also fall on the framing, which ends the call before there is anything to count.
        for (var version = 1; reading.Damaged == 0; version++)
        {
            proxy.FlipAfter(2 << 20);
            await writing.PublishAsync(Weights(version), limit.Token);
            var blob = await reading.NextAsync(version - 1, limit.Token);
            blob.Verify();
        }

        Assert.True(proxy.Flipped > 0);
    }

    /// <summary>
    /// Packets really dropped, by the kernel of a network namespace that holds the whole topology: longer than either side waits, twice. Where
    /// nobody may make a namespace the proxy stands in.
    /// </summary>
    [Fact]
    public async Task A_partition_by_the_kernel_loses_nothing()
    {
        var unshare = Environment.UserName == "root" ? "unshare --net" : "unshare --net --map-root-user";
        if ((await Tool.RunAsync("bash", ["-c", $"exec {unshare} iptables -L -n"], Until.Limit)).Code != 0)
        {
            await Nothing_is_lost_or_doubled_between_an_actor_and_the_service("partition");
            return;
        }

        await using var cluster = new Cluster("--replay.lost_after_seconds", "3", "--env.fake.step_milliseconds", "1");
        var script = Path.Combine(Directory.CreateDirectory(cluster.Redis.Data).FullName, "in-a-namespace");
        await File.WriteAllTextAsync(script, $$"""
            set -eu
            ip link set lo up
            metric() { { exec 3<>/dev/tcp/${1/:/\/} && printf 'GET /metrics HTTP/1.0\r\n\r\n' >&3 && cat <&3; } 2>/dev/null | sed -n "s/^$2\({.*}\)\? \([0-9]*\).*/\2/p" | head -n 1; }
            until_metric() { for i in $(seq 3000); do now=$(metric {{cluster.ReplayHealth}} "$1"); if [ -n "$now" ] && [ "$now" $2 "$3" ]; then return; fi; sleep 0.1; done; echo "never: $*" >&2; exit 1; }
            redis-server {{string.Join(' ', cluster.Redis.Arguments.Select(word => $"'{word}'"))}} >redis.txt &
            redis=$!
            dotnet "$DREAMER" replay {{cluster.CommandLine("learner")}} >replay.txt 2>&1 &
            replay=$!
            dotnet "$DREAMER" {{ChaosLearner.Command}} {{cluster.CommandLine("learner")}} >learner.txt 2>&1 &
            learner=$!
            dotnet "$DREAMER" actor --actor.environments 2 --actor.index 0 {{cluster.CommandLine("actor")}} >actor.txt 2>&1 &
            actor=$!
            until_metric dreamer_replay_inserted_steps_total -ge 1280
            for time in 1 2; do
                iptables -A INPUT -p tcp --dport {{cluster.ReplayAddress.Split(':')[1]}} -j DROP
                until_metric dreamer_replay_actors_connected -eq 0
                iptables -F INPUT
                until_metric dreamer_replay_actors_connected -eq 1
                until_metric dreamer_replay_inserted_steps_total -ge 0
                until_metric dreamer_replay_inserted_steps_total -ge $((now + 640))
            done
            for process in $actor $learner $replay $redis; do kill -TERM $process; wait $process; done
            """);
        await using var shell = ChildProcess.Start(
            "bash", ["-c", $"exec {unshare} bash '{script}'"], cluster.Redis.Data,
            new Dictionary<string, string>(cluster.Variables) { ["DREAMER"] = DreamerCommand.Program, ["DREAMER__THREADS"] = "1" });

        Assert.True(await shell.ExitAsync(4 * Until.Limit) == 0, shell.Said + string.Join('\n', Directory.GetFiles(cluster.Redis.Data, "*.txt").Select(File.ReadAllText)));
        Assert.Equal("", cluster.WrongBatches);
        await cluster.Redis.StartAsync();
        var lives = await cluster.AuditAsync();
        Assert.Equal(2, lives.Count);
        Assert.All(lives, life => Assert.True(life.Written == life.Stored && life.Duplicated + life.Altered + life.Disordered == 0, $"{life}"));
    }

    private static PolicyBlob Weights(long version)
    {
        var manifest = RandomPolicy.Blob(EnvironmentRegistry.SpecOf(new EnvironmentOptions { Name = "fake", Fake = new FakeOptions() }), version).Manifest;
        return PolicyBlob.Create(version, manifest.ToArray(), RandomNumberGenerator.GetBytes(4 << 20));
    }
}
