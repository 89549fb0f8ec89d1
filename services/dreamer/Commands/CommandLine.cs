using System.CommandLine;
using Dreamer.Bench;
using Dreamer.Hosting;

namespace Dreamer.Commands;

/// <summary>All commands of <c>dreamer</c>. Each takes setting flags (<c>--seed 1 --env Pendulum-v1 --replay.redis host:port</c>) beside its own.</summary>
internal static class CommandLine
{
    /// <summary>Parses and runs; returns the exit code: 0, 1 failure, 2 usage.</summary>
    public static async Task<int> RunAsync(string[] arguments, CancellationToken cancellation)
    {
        var root = new RootCommand("Dreamer world-model agents, in one process or as a distributed service.")
        {
            TrainCommand.Create(),
            EvalCommand.Create(),
            CompareCommand.Create(),
            WebCommand.Create(),
            DreamCommand.Create(),
            UpCommand.Create(),
            StatusCommand.Create(),
            DrainCommand.Create(),
            BackupCommand.Create(),
            RestoreCommand.Create(),
            CertificatesCommand.Create(),
            EnvCommand.Create(),
            ConfigCommand.Create(),
            DescribeCommand.Create(),
            BenchCommand.Create(),
            WeightsSubscriber.Create(),
            ChaosCommand.Create(),
            ChaosCommand.CreateLearner(),
        };
        foreach (var service in ServiceCommands.Create())
        {
            root.Subcommands.Add(service);
        }

        var parsed = root.Parse(arguments);

        // Signals and errors are the program runner's: a run must be able to take its time to save.
        var invocation = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        var code = await parsed.InvokeAsync(invocation, cancellation);
        return parsed.Errors.Count > 0 ? ExitCode.Usage : code;
    }
}
