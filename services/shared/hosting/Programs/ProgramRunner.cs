using System.Runtime.InteropServices;
using Dreamer.Spaces;
using Grpc.Core;

namespace Dreamer.Hosting.Programs;

/// <summary>The outermost frame of every process: signals, one-line errors, exit codes.</summary>
public static class ProgramRunner
{
    private const int NoSpaceOnLinux = 28;
    private const int NoSpaceOnWindows = unchecked((int)0x80070070);

    /// <summary>
    /// Runs a program. Ctrl+C cancels and gives 130 when it has wound up (a second one ends it at once); SIGTERM cancels and gives what the
    /// program returns, 0 when it was cancelled.
    /// </summary>
    /// <param name="main">The program; returns its exit code.</param>
    public static async Task<int> RunAsync(Func<CancellationToken, Task<int>> main)
    {
        using var stop = new CancellationTokenSource();
        var interrupted = false;
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
        {
            if (interrupted)
            {
                Environment.Exit(ExitCode.Interrupted);
            }

            (signal.Cancel, interrupted) = (true, true);
            stop.Cancel();
        });
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            stop.Cancel();
        });

        var code = await RunAsync(main, Console.Error, stop.Token);
        return interrupted && code == ExitCode.Success ? ExitCode.Interrupted : code;
    }

    /// <summary>
    /// Whether a library threw it for the person at the keyboard, so that its message is enough. An argument without a name is one of theirs and
    /// not of a method.
    /// </summary>
    public static bool IsPlain(Exception error) => error is IPlainError or NotSupportedException or ArgumentException { ParamName: null };

    internal static async Task<int> RunAsync(Func<CancellationToken, Task<int>> main, TextWriter errors, CancellationToken stop)
    {
        try
        {
            return await main(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return ExitCode.Success;
        }
        catch (Exception thrown)
        {
            var error = thrown is AggregateException { InnerExceptions.Count: 1 } ? thrown.InnerException! : thrown;
            var line = Describe(error) ?? (IsPlain(error) ? error.Message : null);
            await errors.WriteLineAsync(line is null ? $"unexpected error: {error}" : $"error: {line.ReplaceLineEndings(" ")}");
            return error is UserErrorException user ? user.ExitCode : ExitCode.Failure;
        }
    }

    private static string? Describe(Exception error) => error switch
    {
        UserErrorException => error.Message,
        IOException { HResult: NoSpaceOnLinux or NoSpaceOnWindows } => $"the disk is full: {error.Message.TrimEnd('.')}; free some space or choose another directory with --logdir.",
        IOException or UnauthorizedAccessException => error.Message,
        RpcException rpc => Describe(rpc),
        _ => null,
    };

    private static string Describe(RpcException error) => error.StatusCode switch
    {
        // Some say themselves which setting it is.
        _ when error.Status.Detail.StartsWith("replay.", StringComparison.Ordinal) => $"{error.Status.Detail.TrimEnd('.')}.",
        StatusCode.Unavailable => $"replay.address: the replay service does not answer ({error.Status.Detail.TrimEnd('.')}); start it or correct the address.",
        StatusCode.Unauthenticated or StatusCode.PermissionDenied => $"replay.token_file: the replay service refused the call: {error.Status.Detail.TrimEnd('.')}.",
        _ => $"the replay service refused the call with {error.StatusCode}: {error.Status.Detail}",
    };
}
