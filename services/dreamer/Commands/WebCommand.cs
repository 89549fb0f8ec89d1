using System.CommandLine;
using Dreamer.Hosting;
using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Edge;
using Dreamer.Learner.Web;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dreamer.Commands;

/// <summary><c>dreamer web</c></summary>
internal static class WebCommand
{
    private static readonly Option<string[]> Logdirs = new("--logdir")
    {
        Description = "Directories of runs, finished or not, or directories that hold some.",
        Required = true,
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string> Listen = new("--listen")
    {
        Description = "IP:PORT of the page; where the port is taken, a free one of this machine.",
        DefaultValueFactory = _ => "127.0.0.1:7480",
    };

    private static readonly Option<string[]> Hosts = new("--hosts")
    {
        Description = "Names that the page is served as; localhost, this machine's name and addresses always are.",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string> TokenFile = new("--token-file")
    {
        Description = "File with the tokens that open the page, one a line; without it whoever reaches the page sees it.",
        DefaultValueFactory = _ => "",
    };

    public static Command Create()
    {
        var command = new Command("web", "Serves the page of runs that were written down: curves of one or several, and their pictures. Ctrl+C ends it.") { Logdirs, Listen, Hosts, TokenFile };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var address = ListenAddress.Parse("--listen", parsed.GetValue(Listen)!) ?? throw new UserErrorException("--listen: name IP:PORT, e.g. 127.0.0.1:7480", ExitCode.Usage);
        var runs = parsed.GetValue(Logdirs)!.SelectMany(RunsOf).DistinctBy(run => run.Logdir).ToList();
        var guard = PageGuard.Load(parsed.GetValue(Hosts) ?? [], "--hosts", parsed.GetValue(TokenFile)!, "--token-file", TimeProvider.System);
        await using var page = await RunPage.StartAsync(address, runs, guard, NullLoggerFactory.Instance, cancellation);
        Console.WriteLine($"{runs.Count} {(runs.Count == 1 ? "run" : "runs")} at {page.Url}");
        await Task.Delay(Timeout.Infinite, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return ExitCode.Success;
    }

    private static List<ShownRun> RunsOf(string logdir)
    {
        if (!Directory.Exists(logdir))
        {
            throw new UserErrorException($"--logdir: there is no directory {Path.GetFullPath(logdir)}; name the directory of a run", ExitCode.Usage);
        }

        string[] directories = IsRun(logdir) ? [logdir] : [.. Directory.GetDirectories(logdir).Where(IsRun).Order(StringComparer.Ordinal)];
        return directories.Length > 0
            ? [.. directories.Select(Open)]
            : throw new UserErrorException($"--logdir: {Path.GetFullPath(logdir)} holds no config.yaml and no run; name the directory of a run", ExitCode.Usage);
    }

    private static bool IsRun(string directory) => File.Exists(Path.Combine(directory, "config.yaml"));

    private static ShownRun Open(string logdir)
    {
        try
        {
            return new ShownRun(logdir, RunFacts.Read(logdir));
        }
        catch (ConfigurationException otherRelease)
        {
            Console.Error.WriteLine($"{logdir} is shown without its settings: {otherRelease.Message}");
            return new ShownRun(logdir, RunFacts.Unknown);
        }
    }
}
