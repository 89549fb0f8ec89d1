using System.Collections.Immutable;
using System.Text.Json;

namespace Dreamer.Environments.Recordings;

/// <summary>
/// The DeepMind Control suite: one environment plays all episodes from the seed, starting each where the recording did even where it would
/// have drawn another place, which counts as an error of <c>start</c>. Followed are positions, velocities, observation and reward. Contacts
/// are solved otherwise by other versions of MuJoCo, so only the recorded one reproduces them.
/// </summary>
internal static class ControlFormat
{
    private const double Tolerance = 1e-9;

    public static Recording Read(JsonElement root) => new(
        $"dmc_{root.Text("domain")}_{root.Text("task")}", [.. root.List("episodes").Select((episode, index) => Episode(episode, index == 0 ? root.Seed() : null))]);

    private static RecordedEpisode Episode(JsonElement episode, ulong? seed)
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

        ImmutableArray<Check> first = [Check.Numbers("start", [.. start.Values.SelectMany(numbers => numbers)], Tolerance), .. State(episode, "qpos0", "qvel0", "obs0")];
        return new(seed, start, first, [.. episode.List("steps").Select(step => new RecordedStep(
            step.Numbers("a"), [.. State(step, "qpos", "qvel", "obs"), Check.Numbers("reward", step.Numbers("r"), Tolerance)]))]);
    }

    private static ImmutableArray<Check> State(JsonElement element, string positions, string velocities, string observation) =>
    [
        Check.Numbers("qpos", element.Numbers(positions), Tolerance),
        Check.Numbers("qvel", element.Numbers(velocities), Tolerance),
        Check.Numbers("observation", element.Numbers(observation), Tolerance),
    ];
}
