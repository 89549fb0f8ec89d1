using System.CommandLine;
using System.Text.Json;
using Dreamer.Environments;
using Dreamer.Environments.Recordings;
using Dreamer.Hosting;

namespace Dreamer.Commands;

/// <summary><c>dreamer env replay</c></summary>
internal static class EnvReplayCommand
{
    private static readonly Option<string> File = new("--recording") { Description = "Episodes of the original, .json or .json.gz.", Required = true };

    private static readonly Option<bool> Json = new("--json")
    {
        Description = "Prints {\"environment\", \"episodes\", \"max_error\": {quantity: error}, \"allowed\": {...}, \"reproduces\", \"first_difference\", \"per_episode\": [...]}.",
    };

    public static Command Create()
    {
        var command = new Command(
            "replay",
            "Replays episodes recorded from the original (Gymnasium, DeepMind Control, MinAtar, Crafter) in our environment and prints the largest "
            + "error of each quantity. Exit code 0: all within the allowed error (" + Allowed + "); 1: not; 2: no recording that can be replayed.")
        {
            File, Json,
        };
        command.SetAction((parsed, cancellation) => Task.Run(() => Replay(parsed), cancellation));
        return command;
    }

    private const string Allowed = "1e-9, of single precision observations 1e-6, times the largest value where that is above 1; 0 for digests, flags and counts";

    private static int Replay(ParseResult parsed)
    {
        var report = Run(parsed.GetValue(File)!);
        if (parsed.GetValue(Json))
        {
            var printed = new
            {
                report.Environment,
                Episodes = report.Episodes.Count,
                report.MaxError,
                report.Allowed,
                report.Reproduces,
                report.FirstDifference,
                PerEpisode = report.Episodes,
            };
            Console.WriteLine(JsonSerializer.Serialize(printed, EnvCommand.Json));
        }
        else
        {
            Console.WriteLine($"{report.Environment}, {report.Episodes.Count} episode(s): {(report.Reproduces ? "reproduced" : report.FirstDifference)}");
            foreach (var (quantity, error) in report.MaxError)
            {
                Console.WriteLine($"  {quantity,-12} {error,9:0.#e+0}  of {report.Allowed[quantity]:0.#e+0} allowed");
            }
        }

        return report.Reproduces ? ExitCode.Success : ExitCode.Failure;
    }

    private static ReplayReport Run(string path)
    {
        try
        {
            return RecordingReplay.Run(RecordingFile.Load(path));
        }
        catch (Exception unfit) when (unfit is RecordingFormatException or UnknownEnvironmentException or IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"--recording: {unfit.Message}", ExitCode.Usage, unfit);
        }
    }
}
