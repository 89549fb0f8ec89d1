using System.CommandLine;
using Dreamer.Hosting;
using Dreamer.Operations;

namespace Dreamer.Commands;

/// <summary><c>dreamer restore</c></summary>
internal static class RestoreCommand
{
    private static readonly Option<string> Archive = new("--from") { Description = "The archive that 'dreamer backup' wrote.", Required = true };
    private static readonly Option<string> RunDirectory = new("--logdir") { Description = "Directory of the run to be.", Required = true };
    private static readonly Option<bool> Force = new("--force") { Description = "Replace a run that is there." };

    public static Command Create()
    {
        var command = new Command("restore", "Brings a backup back after checking all of it; the run then resumes with the command that it was started with.") { Archive, RunDirectory, Force };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        var logdir = Path.GetFullPath(parsed.GetValue(RunDirectory)!).TrimEnd(Path.DirectorySeparatorChar);
        var manifest = new RunRestore(parsed.GetValue(Archive)!).Extract(logdir, parsed.GetValue(Force));
        Console.WriteLine($"{logdir}: {manifest.Files.Count} files of {manifest.Created:u}; the command that made the run resumes it with --logdir {logdir}");
        return ExitCode.Success;
    }
}
