namespace Dreamer.System.Tests.Processes;

/// <summary>A real redis-server with a password and an append-only file, in a directory of its own.</summary>
internal sealed class RedisProcess(string address, string directory) : IAsyncDisposable
{
    public const string Password = "a-password-of-the-test";

    private ChildProcess? _process;

    public string Address => address;

    /// <summary>Starts it, again on what is on its disk, and waits until it answers.</summary>
    public async Task StartAsync()
    {
        _process = ChildProcess.Start(
            "redis-server",
            ["--bind", "127.0.0.1", "--port", address.Split(':')[1], "--requirepass", Password, "--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"],
            Directory.CreateDirectory(directory).FullName);
        await Until.HoldsAsync("redis is ready", () => _process.Output.Contains("Ready to accept connections", StringComparison.Ordinal), () => _process.Said);
    }

    /// <summary>SIGTERM: it writes its file to the disk and ends.</summary>
    public async Task TerminateAsync()
    {
        _process!.Terminate();
        await _process.ExitAsync();
    }

    /// <summary>kill -9.</summary>
    public Task KillAsync() => _process!.KillAsync();

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
    }
}
