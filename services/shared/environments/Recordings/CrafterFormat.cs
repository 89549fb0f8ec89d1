using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;

namespace Dreamer.Environments.Recordings;

/// <summary>
/// Crafter: starts from the seed of the world, and follows map, reward, inventory, position and the hash of the map of materials and
/// creatures. The hash of the picture is left out, since our tiles are our own.
/// </summary>
internal static class CrafterFormat
{
    private const int DigestDigits = 10;

    public static Recording Read(JsonElement root) => new("crafter", [.. root.List("runs").Select(Episode)]);

    private static RecordedEpisode Episode(JsonElement run) => new(
        run.Seed(),
        new Dictionary<string, double[]>(),
        [Check.Numbers("map", run.Numbers("map"), 0)],
        [.. Steps(run)]);

    private static IEnumerable<RecordedStep> Steps(JsonElement run)
    {
        var steps = run.List("steps").Select(Json.Tuple).ToList();
        return steps.Select((step, index) => new RecordedStep(step.Numbers(0, "action"),
        [
            .. Checks(step),
            .. index == steps.Count - 1 ? [Check.Numbers("achievements", run.Numbers("ach"), 0)] : Array.Empty<Check>(),
        ]));
    }

    private static ImmutableArray<Check> Checks(JsonElement[] step) =>
    [
        Check.Numbers("reward", step.Numbers(1, "reward"), 1e-6),
        Check.Numbers(RecordingReplay.Terminated, step.Numbers(2, "done"), 0),
        Check.Numbers("inventory", step.Numbers(3, "inventory"), 0),
        Check.Numbers("position", step.Numbers(4, "position"), 0),
        Check.Digest(
            "semantic",
            step.Length > 5 && step[5].ValueKind == JsonValueKind.String ? step[5].GetString()! : throw new RecordingFormatException("a step lacks the hash of its map"),
            kinds => Convert.ToHexStringLower(MD5.HashData([.. kinds.Select(kind => (byte)kind)]))[..DigestDigits]),
    ];
}
