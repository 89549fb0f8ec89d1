using System.CommandLine;
using System.Globalization;
using Dreamer.Hosting;
using Dreamer.Operations;

namespace Dreamer.Commands;

/// <summary><c>dreamer backup</c></summary>
internal static class BackupCommand
{
    private static readonly Option<string> RunDirectory = new("--logdir") { Description = "Directory of the run; it may go on meanwhile.", Required = true };
    private static readonly Option<string> Out = new("--out") { Description = "The archive, a plain tar file.", Required = true };
    private static readonly Option<string?> Redis = new("--redis") { Description = "Directory of Redis' files, where they are not in the run: the volume of a container." };
    private static readonly Option<bool> Force = new("--force") { Description = "Replace an archive that is there." };

    public static Command Create()
    {
        var command = new Command("backup", "Saves a run with its experience into one checked file: checkpoint, settings, metrics, and the replay store.") { RunDirectory, Out, Redis, Force };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        var logdir = Path.GetFullPath(parsed.GetValue(RunDirectory)!).TrimEnd(Path.DirectorySeparatorChar);
        var (manifest, bytes) = new RunBackup(logdir, parsed.GetValue(Redis)).Write(parsed.GetValue(Out)!, parsed.GetValue(Force));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{parsed.GetValue(Out)}: {manifest.Files.Count} files, {bytes / 1e6:0.0} MB, {(manifest.Updates >= 0 ? $"checkpoint of {manifest.Updates} updates" : "no checkpoint yet")}{(manifest.Running ? ", from a run that goes on" : "")}"));
        return ExitCode.Success;
    }
}
