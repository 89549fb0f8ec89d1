using System.Text.Json;
using Dreamer.System.Tests.Processes;

namespace Dreamer.System.Tests;

/// <summary>
/// What <c>docker compose up --build --scale actor=N</c> promises. Needs a Docker engine: without one <c>./dreamer test</c> leaves
/// this category out and says so.
/// </summary>
[Trait("Category", "Docker")]
public sealed class DockerComposeTests
{
    private static readonly TimeSpan Build = TimeSpan.FromMinutes(20);
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(3);

    // What actors keep while the service is away is what the learner has to train on before they may go on. At full speed that is hundreds
    // of thousands of steps of an environment that costs nothing.
    private const string Pace = """
        services:
          actor: &paced
            stop_grace_period: 180s
            environment:
              DREAMER__ENV__FAKE__STEP_MILLISECONDS: "5"
              DREAMER__ACTOR__FLUSH_SECONDS: "150"
          eval: *paced
        """;

    [Fact]
    public async Task Trains_scales_and_stops_in_containers()
    {
        await using var compose = new Compose(
            ("CONFIGS", "cartpole debug"), ("DREAMER__STEPS", "1000000000"), ("DREAMER__LIMITER__TRAIN_RATIO", "8"),
            ("COMPOSE_PROFILES", "relay"), ("DREAMER__ACTOR__WEIGHTS_ADDRESS", "http://relay:7410"));
        await compose.RunAsync(Build, "build", "--quiet");

        await compose.RunAsync(Step, "up", "--detach", "--scale", "actor=2");
        await compose.WaitForAsync("learner", "dreamer_learner_updates_total", updates => updates > 0, "above 0", Step);
        await compose.WaitForAsync("replay", "dreamer_replay_actors_connected", actors => actors == 2, "2", Step);
        await compose.WaitForAsync("replay", "dreamer_replay_actor_policy_version", version => version >= 1, "at least 1", Step);

        await compose.RunAsync(Step, "up", "--detach", "--scale", "actor=3");
        await compose.WaitForAsync("replay", "dreamer_replay_actors_connected", actors => actors == 3, "3", Step);
        await compose.WaitForAsync("replay", "dreamer_replay_actor_policy_version", version => version >= 1, "at least 1", Step);
        await compose.RunAsync(Step, "up", "--detach", "--scale", "actor=1");
        await compose.WaitForAsync("replay", "dreamer_replay_actors_connected", actors => actors == 1, "1", Step);

        foreach (var service in new[] { "redis", "replay", "relay", "learner", "actor" })
        {
            foreach (var container in await compose.InspectAsync(service))
            {
                AssertHardened(service, container);
            }
        }

        // SIGTERM: saves and ends with success.
        await compose.RunAsync(Step, "stop");
        foreach (var service in new[] { "learner", "actor", "relay", "replay", "redis" })
        {
            var state = Assert.Single(await compose.InspectAsync(service)).GetProperty("State");
            Assert.Equal((service, 0), (service, state.GetProperty("ExitCode").GetInt32()));
        }
    }

    /// <summary>An upgrade under load, over TLS and with evaluation: every service is restarted in turn, then the run is drained and every step is counted.</summary>
    [Fact]
    public async Task Restarted_one_after_the_other_nothing_is_lost()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory["pace.yml"], Pace);
        await using var compose = new Compose(
            ("COMPOSE_FILE", $"docker-compose.yml:docker-compose.tls.yml:{directory["pace.yml"]}"), ("COMPOSE_PROFILES", "eval"), ("CONFIGS", "debug"),
            ("DREAMER__ENV__NAME", "fake"), ("DREAMER__STEPS", "1000000000"), ("DREAMER__LIMITER__TRAIN_RATIO", "1"), ("DREAMER__EVAL__EPISODES", "1"));
        await compose.RunAsync(Build, "--profile", "tools", "build", "--quiet");
        await compose.RunAsync(Step, "up", "--detach", "--scale", "actor=2");
        await compose.WaitForAsync("learner", "dreamer_learner_updates_total", updates => updates > 0, "above 0", Step);
        foreach (var service in new[] { "replay", "redis", "learner", "actor", "eval" })
        {
            var before = (await StatusAsync(compose)).GetProperty("step").GetInt64();
            await compose.RunAsync(Step, "restart", service);
            await compose.WaitForAsync("replay", "dreamer_replay_inserted_steps_total", steps => steps > before + (20 * 64), $"above {before} by 20 chunks", Step);
            await compose.WaitForAsync("replay", "dreamer_replay_actors_connected", actors => actors == 2, "2", Step);
        }

        await compose.WaitForAsync("learner", "dreamer_learner_updates_total", updates => updates > 0, "above 0", Step);
        await Until.HoldsAsync("a policy is evaluated", async () => (await StatusAsync(compose)).GetProperty("evaluators").GetArrayLength() > 0);
        var drained = await OperateAsync(compose, "drain");
        Assert.Contains("steps are durable, the learner saved", drained);
        foreach (var service in new[] { "learner", "actor" })
        {
            Assert.All(await compose.InspectAsync(service), container => Assert.Equal(0, container.GetProperty("State").GetProperty("ExitCode").GetInt32()));
        }

        var saved = await OperateAsync(compose, "backup", "--logdir", "/logdir/fake-dreamer_v3-0", "--redis", "/redis", "--out", "/backups/run.tar");
        Assert.Contains("checkpoint of", saved);
        var steps = (await StatusAsync(compose)).GetProperty("step").GetInt64();
        await compose.RunAsync(Step, "stop");
        await compose.RunAsync(Step, "cp", "redis:/data/.", directory["data"]);

        // Each stream has every step from its first to the one that its actor said was the last.
        var stored = await ReadAsync(directory);
        Assert.Equal(steps, stored.Steps);
        Assert.Equal(4, stored.Audit().Count);
        Assert.All(
            stored.Records.GroupBy(record => record.Stream),
            stream => Assert.Equal(stream.MaxBy(record => record.Sequence).Sequence, Assert.Single(stream, record => record.EndsStream).Sequence));
    }

    private static async Task<JsonElement> StatusAsync(Compose compose) =>
        JsonDocument.Parse(await OperateAsync(compose, "status", "--json")).RootElement;

    private static Task<string> OperateAsync(Compose compose, params string[] command) =>
        compose.RunAsync(Step, ["run", "--rm", "--no-deps", "--no-TTY", "operator", .. command]);

    private static async Task<StoredExperience> ReadAsync(TemporaryDirectory directory)
    {
        await using var redis = new RedisProcess(FreePorts.Take(1)[0], directory["data"]);
        await redis.StartAsync();
        await File.WriteAllTextAsync(directory["password"], RedisProcess.Password);
        return await StoredExperience.ReadAsync(redis, directory["password"]);
    }

    private static void AssertHardened(string service, JsonElement container)
    {
        var host = container.GetProperty("HostConfig");
        Assert.NotEqual("", container.GetProperty("Config").GetProperty("User").GetString());
        Assert.True(host.GetProperty("ReadonlyRootfs").GetBoolean(), service);
        Assert.Equal(["ALL"], host.GetProperty("CapDrop").EnumerateArray().Select(capability => capability.GetString()));
        Assert.Contains("no-new-privileges:true", host.GetProperty("SecurityOpt").EnumerateArray().Select(option => option.GetString()));
        Assert.True(host.GetProperty("Memory").GetInt64() > 0, service);
        Assert.True(host.GetProperty("PidsLimit").GetInt64() > 0, service);
        var published = host.GetProperty("PortBindings").EnumerateObject().SelectMany(port => port.Value.EnumerateArray()).ToArray();
        Assert.All(published, binding => Assert.Equal("127.0.0.1", binding.GetProperty("HostIp").GetString()));
        Assert.Equal(service is "replay" or "learner", published.Length > 0);
    }
}
