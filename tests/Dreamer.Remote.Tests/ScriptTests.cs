using Dreamer.Remote.Tests.Support;

namespace Dreamer.Remote.Tests;

/// <summary>deploy/serve_gymnasium.py says what it lacks.</summary>
public sealed class ScriptTests
{
    [Theory]
    [InlineData("no_such_module:Thing", "no_such_module")]
    [InlineData("tasks:Missing", "tasks:Missing")]
    public async Task What_cannot_be_served_is_said_at_once(string environment, string reason)
    {
        var (code, errors) = await PythonServer.RefuseAsync(environment);

        Assert.Equal(1, code);
        Assert.Contains(reason, errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named()
    {
        await using var server = await PythonServer.StartAsync("CartPole");
        var port = RemoteAddress.Parse(server.Name).Port;

        var (code, errors) = await PythonServer.RefuseAsync("tasks:CartPole", "--port", $"{port}");

        Assert.Equal(1, code);
        Assert.Contains($"error: cannot listen on 127.0.0.1:{port}", errors);
    }
}
