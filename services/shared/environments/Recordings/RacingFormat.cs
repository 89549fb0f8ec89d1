using System.Collections.Immutable;
using System.Text.Json;
using Dreamer.Environments.CarRacing;

namespace Dreamer.Environments.Recordings;

/// <summary>Gymnasium's CarRacing: starts from the seed; says of some steps how hull and wheels move, and of all what they earn.</summary>
internal static class RacingFormat
{
    // Bodies move in single precision.
    private const double StateTolerance = 1e-6;

    private const double RewardTolerance = 1e-9;

    public static bool Fits(JsonElement root) =>
        root.TryGetProperty("env", out var name) && name.ValueKind == JsonValueKind.String && name.ValueEquals(CarRacingEnvironment.Name);

    public static Recording Read(JsonElement root) => new(CarRacingEnvironment.Name, [.. root.List("episodes").Select(Episode)]);

    private static RecordedEpisode Episode(JsonElement episode) => new(
        episode.Seed(),
        new Dictionary<string, double[]>(),
        [Check.Numbers("state", episode.Numbers("state0"), StateTolerance)],
        [.. episode.List("steps").Select(step => new RecordedStep(step.Numbers("a"), Checks(step)))]);

    private static ImmutableArray<Check> Checks(JsonElement step) =>
    [
        .. step.TryGetProperty("state", out _) ? [Check.Numbers("state", step.Numbers("state"), StateTolerance)] : Array.Empty<Check>(),
        Check.Numbers("visited", step.Numbers("visited"), 0),
        Check.Numbers("reward", step.Numbers("r"), RewardTolerance),
        Check.Numbers(RecordingReplay.Terminated, step.Numbers("te"), 0),
    ];
}
