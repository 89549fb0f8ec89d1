using System.Diagnostics;

namespace Dreamer.Remote.Tests.Support;

/// <summary>deploy/serve_gymnasium.py with one of the tasks of peers/tasks.py.</summary>
internal sealed class PythonServer : IAsyncDisposable
{
    private readonly Process _process;

    private PythonServer(Process process, string address) => (_process, Name) = (process, $"remote:{address}");

    /// <summary>What <c>--env</c> says.</summary>
    public string Name { get; }

    /// <summary>Starts one; most tests share that of <see cref="PythonTasks"/>.</summary>
    public static async Task<PythonServer> StartAsync(string task, params string[] flags)
    {
        var process = Start($"tasks:{task}", flags);
        if (await process.StandardOutput.ReadLineAsync() is not { } line)
        {
            throw new InvalidOperationException(await process.StandardError.ReadToEndAsync());
        }

        // Nobody reads on, and a full pipe would stop it.
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        return new PythonServer(process, line.Split(' ')[^1]);
    }

    /// <summary>Runs it where it does not get to serve; returns the exit code and what it said.</summary>
    public static async Task<(int Code, string Errors)> RefuseAsync(string environment, params string[] flags)
    {
        using var process = Start(environment, flags);
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, errors);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static Process Start(string environment, string[] flags) => Process.Start(new ProcessStartInfo(
        "/usr/bin/python3", [Path.Combine(Repository.Root, "deploy", "serve_gymnasium.py"), environment, "--port", "0", .. flags])
    {
        WorkingDirectory = Path.Combine(Repository.Tests, "peers"),
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment = { ["PYTHONDONTWRITEBYTECODE"] = "1" },
    })!;
}
