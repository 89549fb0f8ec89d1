using System.Net;
using System.Net.Sockets;
using Dreamer.System.Tests.Processes;

namespace Dreamer.System.Tests.Services;

/// <summary>Services that cannot work say in one line which setting is wrong, and end.</summary>
public sealed class RefusalTests
{
    [Theory]
    [InlineData("actor")]
    [InlineData("learner")]
    public async Task A_wrong_token_names_its_setting(string role)
    {
        await using var cluster = new Cluster();
        await cluster.Redis.StartAsync();
        cluster.StartReplay();
        string[] settings = ["--replay.token_file", cluster.Secret("wrong", "not-a-token")];
        await using var client = role == "actor" ? cluster.StartActor(0, settings) : cluster.StartLearner(settings);

        Assert.Equal(1, await client.ExitAsync());
        Assert.Contains("replay.token_file", DreamerCommand.ErrorLine(client.Errors));
    }

    [Theory]
    [InlineData("replay")]
    [InlineData("learner")]
    public async Task A_wrong_password_of_Redis_names_its_setting(string role)
    {
        await using var cluster = new Cluster();
        await cluster.Redis.StartAsync();
        string[] settings = ["--replay.password_file", cluster.Secret("wrong", "not-the-password")];
        await using var service = role == "replay" ? cluster.StartReplay(settings) : cluster.StartLearner(settings);

        Assert.Equal(1, await service.ExitAsync());
        Assert.Contains("replay.password_file", DreamerCommand.ErrorLine(service.Errors));
    }

    [Theory]
    [InlineData("replay")]
    [InlineData("learner")]
    public async Task No_Redis_names_its_setting(string role)
    {
        await using var cluster = new Cluster();
        string[] settings = ["--replay.redis_wait_seconds", "1"];
        await using var service = role == "replay" ? cluster.StartReplay(settings) : cluster.StartLearner(settings);

        Assert.Equal(1, await service.ExitAsync());
        var line = DreamerCommand.ErrorLine(service.Errors);
        Assert.Contains("replay.redis '", line);
        Assert.Contains("replay.redis_wait_seconds", line);
        Assert.Contains(cluster.Redis.Address, line);
    }

    [Theory]
    [InlineData("replay.listen")]
    [InlineData("replay.health_listen")]
    public async Task A_port_in_use_names_its_setting(string setting)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        await using var cluster = new Cluster("--replay.store", "memory", $"--{setting}", other.LocalEndpoint.ToString()!);
        await using var replay = cluster.StartReplay();

        Assert.Equal(1, await replay.ExitAsync());
        var line = DreamerCommand.ErrorLine(replay.Errors);
        Assert.Contains(setting + ":", line);
        Assert.Contains("in use", line);
    }

    [Fact]
    public async Task An_actor_of_another_environment_is_refused_by_key_and_the_others_go_on()
    {
        await using var cluster = new Cluster();
        var (replay, _, _) = await cluster.StartAllAsync(actors: 1);
        await cluster.InsertAsync(64);
        await using var stranger = cluster.StartActor(1, "--env.fake.vector_size", "6");

        Assert.Equal(1, await stranger.ExitAsync());
        Assert.Contains("vector", DreamerCommand.ErrorLine(stranger.Errors));
        await cluster.InsertAsync(640);
        Assert.True(replay.Running);
    }
}
