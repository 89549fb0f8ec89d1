using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Dreamer.Local;

/// <summary>
/// A child process of <c>dreamer up</c>: its output goes to a log file and, where wanted, to the console with its name
/// in front. Ends with SIGTERM, and with SIGKILL only after the patience has run out.
/// </summary>
internal sealed partial class ManagedProcess : IDisposable
{
    private const int SigTerm = 15;
    private readonly Process process;
    private readonly StreamWriter log;
    private readonly Lock gate = new();

    private ManagedProcess(string name, Process process, StreamWriter log) =>
        (Name, this.process, this.log) = (name, process, log);

    public string Name { get; }

    public int Id => process.Id;

    public int ExitCode => process.ExitCode;

    /// <summary>Starts a program.</summary>
    /// <param name="echo">Called with every line of its output; null to keep it in the log file only.</param>
    public static ManagedProcess Start(
        string name, string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, string logFile,
        Action<string>? echo)
    {
        // Ctrl+C at a terminal goes to a whole session: in one of its own, a child ends when it is told to, not before the others.
        // Should this process be killed, the kernel tells its children to end.
        var start = OperatingSystem.IsLinux()
            ? new ProcessStartInfo("setpriv", ["--pdeathsig", "TERM", "setsid", program, .. arguments])
            : new ProcessStartInfo(program, arguments);
        (start.RedirectStandardOutput, start.RedirectStandardError, start.RedirectStandardInput) = (true, true, true);
        foreach (var (key, value) in environment)
        {
            start.Environment[key] = value;
        }

        var child = new ManagedProcess(name, new Process { StartInfo = start }, new StreamWriter(logFile, append: true) { AutoFlush = true });
        child.process.OutputDataReceived += (_, line) => child.Write(line.Data, echo);
        child.process.ErrorDataReceived += (_, line) => child.Write(line.Data, echo);
        Starter.Run(() => child.process.Start());
        child.process.StandardInput.Close();
        child.process.BeginOutputReadLine();
        child.process.BeginErrorReadLine();
        return child;
    }

    /// <summary>Completes when the process has ended.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => process.WaitForExitAsync(cancellationToken);

    /// <summary>Asks the process to end and waits; kills it when the patience has run out.</summary>
    public async Task StopAsync(TimeSpan patience)
    {
        if (process.HasExited)
        {
            return;
        }

        _ = Kill(process.Id, SigTerm);
        using var deadline = new CancellationTokenSource(patience);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    public void Dispose()
    {
        process.Dispose();
        lock (gate)
        {
            log.Dispose();
        }
    }

    private void Write(string? line, Action<string>? echo)
    {
        if (line is null)
        {
            return;
        }

        lock (gate)
        {
            if (log.BaseStream is not null)
            {
                log.WriteLine(line);
            }
        }

        echo?.Invoke(line);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    /// <summary>Runs on the thread that starts all children: to the kernel their parent is that thread, and a pooled one may end any time.</summary>
    private static class Starter
    {
        private static readonly BlockingCollection<Task> Work = Begin();

        public static void Run(Action start)
        {
            var task = new Task(start);
            Work.Add(task);
            task.GetAwaiter().GetResult();
        }

        private static BlockingCollection<Task> Begin()
        {
            var work = new BlockingCollection<Task>();
            var thread = new Thread(() =>
            {
                foreach (var task in work.GetConsumingEnumerable())
                {
                    task.RunSynchronously();
                }
            });
            (thread.Name, thread.IsBackground) = ("starts processes", true);
            thread.Start();
            return work;
        }
    }
}
