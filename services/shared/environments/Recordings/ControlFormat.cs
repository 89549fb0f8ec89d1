using System.Collections.Immutable;
using System.Text.Json;

namespace Dreamer.Environments.Recordings;

/// <summary>
/// The DeepMind Control suite: starts from recorded positions, velocities, activations and moved geoms and sites, and follows positions,
/// velocities, observation and reward. Contacts were solved otherwise from MuJoCo 3 on, so only a MuJoCo of the recorded version reproduces them.
/// </summary>
internal static class ControlFormat
{
    private const double Tolerance = 1e-9;

    public static Recording Read(JsonElement root) => new(
        $"dmc_{root.Text("domain")}_{root.Text("task")}", [.. root.List("episodes").Select(Episode)]);

    private static RecordedEpisode Episode(JsonElement episode)
    {
        var start = new Dictionary<string, double[]>
        {
            ["qpos"] = episode.Numbers("qpos0"),
            ["qvel"] = episode.Numbers("qvel0"),
            ["act"] = episode.Numbers("act0"),
        };
        foreach (var moved in new[] { "geom_pos", "site_pos" })
        {
            if (episode.TryGetProperty("extra", out var extra) && extra.Numbers(moved) is { Length: > 0 } places)
            {
                start[moved] = places;
            }
        }

        return new(0, start, State(episode, "qpos0", "qvel0", "obs0"), [.. episode.List("steps").Select(step => new RecordedStep(
            step.Numbers("a"), [.. State(step, "qpos", "qvel", "obs"), Check.Numbers("reward", step.Numbers("r"), Tolerance)]))]);
    }

    private static ImmutableArray<Check> State(JsonElement element, string positions, string velocities, string observation) =>
    [
        Check.Numbers("qpos", element.Numbers(positions), Tolerance),
        Check.Numbers("qvel", element.Numbers(velocities), Tolerance),
        Check.Numbers("observation", element.Numbers(observation), Tolerance),
    ];
}
