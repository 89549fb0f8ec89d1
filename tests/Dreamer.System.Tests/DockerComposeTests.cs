using System.Text.Json;

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

    [Fact]
    public async Task Trains_scales_and_stops_in_containers()
    {
        await using var compose = new Compose(
            ("CONFIGS", "cartpole debug"), ("DREAMER__STEPS", "1000000000"), ("DREAMER__LIMITER__TRAIN_RATIO", "8"));
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

        foreach (var service in new[] { "redis", "replay", "learner", "actor" })
        {
            foreach (var container in await compose.InspectAsync(service))
            {
                AssertHardened(service, container);
            }
        }

        // SIGTERM: saves and ends with success.
        await compose.RunAsync(Step, "stop");
        foreach (var service in new[] { "learner", "actor", "replay", "redis" })
        {
            var state = Assert.Single(await compose.InspectAsync(service)).GetProperty("State");
            Assert.Equal((service, 0), (service, state.GetProperty("ExitCode").GetInt32()));
        }
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
