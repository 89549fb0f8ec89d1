using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Dreamer.System.Tests.Processes;

/// <summary>A program that a test started; killed with the test at the latest.</summary>
internal sealed partial class ChildProcess : IAsyncDisposable
{
    private const int SigInt = 2;
    private const int SigTerm = 15;
    private const int SigCont = 18;
    private const int SigStop = 19;

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private bool _disposed;

    private ChildProcess(ProcessStartInfo start) => _process = new Process { StartInfo = start };

    public int Id => _process.Id;

    public bool Running => !_process.HasExited;

    /// <summary>Standard output so far.</summary>
    public string Output => Text(_output);

    /// <summary>Standard error so far.</summary>
    public string Errors => Text(_errors);

    /// <summary>Both, for the message of a failed test.</summary>
    public string Said => $"{string.Join(' ', _process.StartInfo.ArgumentList.Skip(1))}\n{Output}\n{Errors}";

    /// <summary>Waits until it has said this. What it does may be seen before what it says of it has come here.</summary>
    public Task SaysAsync(string text) => Until.HoldsAsync(
        $"it says '{text}'", () => Output.Contains(text, StringComparison.Ordinal) || Errors.Contains(text, StringComparison.Ordinal), () => Said);

    /// <summary>Starts a program. Settings in this process's environment do not reach it, only those given.</summary>
    public static ChildProcess Start(string program, IEnumerable<string> arguments, string directory, IReadOnlyDictionary<string, string>? environment = null)
    {
        // A shell that runs the suite in the background ignores Ctrl+C, and children inherit that.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", program, .. arguments])
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("DREAMER__", StringComparison.Ordinal) || name.StartsWith("OTEL_", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var child = new ChildProcess(start);
        child._process.OutputDataReceived += (_, line) => Append(child._output, line.Data);
        child._process.ErrorDataReceived += (_, line) => Append(child._errors, line.Data);
        child._process.Start();
        child._process.StandardInput.Close();
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        return child;
    }

    /// <summary>Ctrl+C.</summary>
    public void Interrupt() => Signal(SigInt, _process.Id);

    /// <summary>Ctrl+C at a terminal: it reaches the process and the children of its session. Only for what was started with setsid.</summary>
    public void InterruptSession() => Signal(SigInt, -_process.Id);

    public void Terminate() => Signal(SigTerm, _process.Id);

    /// <summary>Stops it where it is, until <see cref="Thaw"/>.</summary>
    public void Freeze() => Signal(SigStop, _process.Id);

    /// <summary>Lets it go on.</summary>
    public void Thaw() => Signal(SigCont, _process.Id);

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await ExitAsync();
    }

    /// <summary>Waits for the end; returns the exit code.</summary>
    /// <exception cref="TimeoutException">It goes on; the message holds what it said.</exception>
    public async Task<int> ExitAsync(TimeSpan? limit = null)
    {
        using var deadline = new CancellationTokenSource(limit ?? Until.Limit);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"still running: {Said}");
        }

        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        if (Running)
        {
            _process.Kill(entireProcessTree: true);
            await ExitAsync();
        }

        _disposed = true;
        _process.Dispose();
    }

    private static void Append(StringBuilder text, string? line)
    {
        if (line is not null)
        {
            lock (text)
            {
                text.AppendLine(line);
            }
        }
    }

    private static string Text(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }

    private void Signal(int signal, int process) => Assert.True(Kill(process, signal) == 0, Said);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
