using Dreamer.System.Tests.Processes;

namespace Dreamer.System.Tests.Services;

/// <summary>Training on an environment of another process.</summary>
public sealed class RemoteTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Trains_on_a_served_environment_until_that_goes_away_for_good()
    {
        await using var server = DreamerCommand.Start(_directory.Path, ["env", "serve", "CartPole-v1", "--listen", "127.0.0.1:0"]);
        await Until.HoldsAsync("the server serves", () => !server.Running || server.Output.Contains("--env remote:", StringComparison.Ordinal), () => server.Said);
        var name = server.Output.Trim().Split(' ')[^1];
        string[] train = ["train", "--configs", "debug", "--env", name, "--actor.environments", "2"];

        var (code, _, errors) = await DreamerCommand.RunAsync(_directory.Path, [.. train, "--steps", "300", "--logdir", _directory["done"]]);
        Assert.True(code == 0, errors);
        Assert.NotEmpty(new RunDirectory(_directory["done"]).Lines("scores.jsonl"));

        var run = new RunDirectory(_directory["left"]);
        await using var left = DreamerCommand.Start(
            _directory.Path,
            [.. train, "--steps", "1000000000", "--logdir", _directory["left"], "--actor.restarts", "1", "--env.remote.connect_timeout_seconds", "25"]);
        await Until.HoldsAsync("5 updates", () => run.LoggedUpdates >= 5, () => left.Said);
        server.Terminate();
        Assert.Equal(0, await server.ExitAsync());

        Assert.Equal(1, await left.ExitAsync());

        // The log tells of each failure with its trace; the last word is one line.
        Assert.Matches("broke down and was not restarted.*127.0.0.1", Assert.Single(left.Errors.Split('\n'), line => line.StartsWith("error: ", StringComparison.Ordinal)));
    }
}
