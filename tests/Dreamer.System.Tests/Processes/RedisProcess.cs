namespace Dreamer.System.Tests.Processes;

/// <summary>A real redis-server with a password and an append-only file, in a directory of its own.</summary>
internal sealed class RedisProcess(string address, string directory) : IAsyncDisposable
{
    public const string Password = "a-password-of-the-test";

    private ChildProcess? _process;

    public string Address => address;

    /// <summary>Where it keeps its files.</summary>
    public string Data => directory;

    /// <summary>What it said.</summary>
    public string Output => _process!.Output;

    /// <summary>Arguments of a server at this address.</summary>
    public string[] Arguments =>
        ["--bind", "127.0.0.1", "--port", address.Split(':')[1], "--requirepass", Password, "--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"];

    /// <summary>Starts it, again on what is on its disk, and waits until it answers.</summary>
    public async Task StartAsync()
    {
        Launch();
        await ReadyAsync();
    }

    /// <summary>Starts it and does not wait.</summary>
    public void Launch(params string[] more) => _process = ChildProcess.Start("redis-server", [.. Arguments, .. more], Directory.CreateDirectory(directory).FullName);

    /// <summary>Starts it by a script whose arguments are those of the server, and waits until it answers.</summary>
    public async Task StartByAsync(string script)
    {
        _process = ChildProcess.Start("bash", ["-c", script, "bash", .. Arguments], Directory.CreateDirectory(directory).FullName);
        await ReadyAsync();
    }

    /// <summary>Waits until it answers.</summary>
    public Task ReadyAsync() =>
        Until.HoldsAsync("redis is ready", () => _process!.Output.Contains("Ready to accept connections", StringComparison.Ordinal), () => _process!.Said);

    /// <summary>Sends a command; returns the answer, or what the client says where there is none.</summary>
    public async Task<string> CommandAsync(params string[] words)
    {
        await using var client = ChildProcess.Start(
            "redis-cli", ["-p", address.Split(':')[1], .. words], directory, new Dictionary<string, string> { ["REDISCLI_AUTH"] = Password });
        await client.ExitAsync();
        return (client.Output + client.Errors).Trim();
    }

    /// <summary>SIGTERM.</summary>
    public async Task StopAsync()
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
