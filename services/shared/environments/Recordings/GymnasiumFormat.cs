using System.Collections.Immutable;
using System.Text.Json;

namespace Dreamer.Environments.Recordings;

/// <summary>Gymnasium's classic control: starts from the seed, and follows the whole state in double precision.</summary>
internal static class GymnasiumFormat
{
    // Our sine and NumPy's may differ in the last bit, which the swinging tasks amplify over 200 steps.
    private const double StateTolerance = 1e-9;

    // Observations are recorded in single precision.
    private const double ObservationTolerance = 1e-6;

    public static Recording Read(JsonElement root) => new(root.Text("env"), [.. root.List("episodes").Select(Episode)]);

    private static RecordedEpisode Episode(JsonElement episode) => new(
        episode.Seed(),
        new Dictionary<string, double[]>(),
        State(episode, "state0", "obs0"),
        [.. episode.List("steps").Select(step => new RecordedStep(step.Numbers("a"),
        [
            .. State(step, "state", "obs"),
            Check.Numbers("reward", step.Numbers("r"), StateTolerance),
            Check.Numbers(RecordingReplay.Terminated, step.Numbers("te"), 0),
            Check.Numbers(RecordingReplay.Truncated, step.Numbers("tr"), 0),
        ]))]);

    private static ImmutableArray<Check> State(JsonElement element, string state, string observation) =>
    [
        Check.Numbers("state", element.Numbers(state), StateTolerance),
        Check.Numbers("observation", element.Numbers(observation), ObservationTolerance),
    ];
}
