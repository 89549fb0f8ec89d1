using System.CommandLine;
using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Settings;
using Dreamer.Local;

namespace Dreamer.Commands;

/// <summary><c>dreamer up</c></summary>
internal static class UpCommand
{
    private static readonly Option<int> Actors = new("--actors")
    {
        Description = "Actor processes.",
        DefaultValueFactory = _ => 4,
    };

    private static readonly Option<int> Evaluators = new("--eval")
    {
        Description = "Evaluation actors: they play with each newest policy and store nothing but scores.",
    };

    private static readonly Option<bool> Tls = new("--tls") { Description = "Speaks TLS with an authority of the run's own, and every client shows a certificate." };

    public static Command Create() => SettingsCommand.Create(
        "up",
        "Runs the distributed topology as processes of this machine: Redis, replay service, learner, actors. Ctrl+C saves; the same command resumes.",
        RunAsync,
        [Actors, Evaluators, Tls],
        defaultPreset: "cartpole");

    private static Task<int> RunAsync(ParseResult parsed, DreamerConfiguration configuration, CancellationToken cancellation)
    {
        var flags = parsed.UnmatchedTokens.ToList();
        if (configuration.Presets.Count > 0 && !flags.Contains("--configs"))
        {
            flags.InsertRange(0, ["--configs", .. configuration.Presets]);
        }

        var logdir = Path.GetFullPath(configuration.Bind<RunSettings>("").Logdir);
        return new LocalTopology(flags, logdir, parsed.GetValue(Actors), parsed.GetValue(Evaluators), parsed.GetValue(Tls), Console.Error.WriteLine).RunAsync(cancellation);
    }
}
