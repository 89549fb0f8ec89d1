using System.Collections.Immutable;
using System.Text.Json;

namespace Dreamer.Environments.Recordings;

/// <summary>
/// Crafter: starts from the seed of the world, and follows map, reward, inventory, position and the hash of the map of materials and
/// creatures. The hash of the picture is left out, since our tiles are our own.
/// </summary>
internal static class CrafterFormat
{
    public static Recording Read(JsonElement root) => new("crafter", [.. root.List("runs").Select(Episode)]);

    private static RecordedEpisode Episode(JsonElement run) => new(
        run.Seed(),
        new Dictionary<string, double[]>(),
        [Check.Numbers("map", run.Numbers("map"), 0)],
        [.. run.List("steps").Select(Json.Tuple).Select(step => new RecordedStep(step.Numbers(0, "action"), Checks(step)))]);

    private static ImmutableArray<Check> Checks(JsonElement[] step) =>
    [
        Check.Numbers("reward", step.Numbers(1, "reward"), 1e-9),
        Check.Numbers(RecordingReplay.Terminated, step.Numbers(2, "done"), 0),
        Check.Numbers("inventory", step.Numbers(3, "inventory"), 0),
        Check.Numbers("position", step.Numbers(4, "position"), 0),
    ];
}
