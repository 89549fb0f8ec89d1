using Dreamer.System.Tests.Processes;

namespace Dreamer.System.Tests.Command;

/// <summary>A short training run that reached its end, for the tests that look at what it left.</summary>
public sealed class FinishedRun : IAsyncLifetime
{
    internal static readonly string[] Settings = ["--configs", "debug", "--steps", "400", "--learner.log_seconds", "0.1"];

    private readonly TemporaryDirectory _directory = new();

    internal RunDirectory Run { get; private set; } = null!;

    internal string Directory => _directory.Path;

    /// <summary>What it printed.</summary>
    public string Output { get; private set; } = "";

    internal string[] Command => ["train", .. Settings, "--logdir", Run.Path];

    public async Task InitializeAsync()
    {
        Run = new RunDirectory(_directory["run"]);
        var (code, output, errors) = await DreamerCommand.RunAsync(Directory, Command);
        Assert.True(code == 0, errors);
        Output = output;
    }

    public Task DisposeAsync()
    {
        _directory.Dispose();
        return Task.CompletedTask;
    }
}
