using System.IO.Compression;
using System.Text.Json.Nodes;
using Dreamer.Environments.Recordings;

namespace Dreamer.Environments.Tests;

/// <summary>What <c>dreamer env replay</c> says of recordings, of damaged ones, and of environments that stray from them.</summary>
public sealed class RecordingReplayTests : IDisposable
{
    private readonly string path = Path.GetTempFileName();

    public void Dispose() => File.Delete(path);

    // Each format, and of the Control suite tasks that move geoms, sites and activations and that touch the floor.
    public static TheoryData<string> Recorded =>
    [
        "gym_CartPole-v1", "gym_Pendulum-v1", "gym_Acrobot-v1", "gym_MountainCar-v0", "gym_MountainCarContinuous-v0",
        "minatar_asterix", "minatar_breakout", "crafter",
        "dmc_reacher_easy", "dmc_finger_turn_easy", "dmc_walker_walk", "dmc_quadruped_run",
    ];

    [Theory]
    [MemberData(nameof(Recorded))]
    public void Every_format_is_reproduced(string name)
    {
        var report = RecordingReplay.Run(Load(Read($"{name}.json.gz")));
        Assert.True(report.Reproduces, report.FirstDifference);
        Assert.NotEmpty(report.Episodes);
        Assert.Contains("reward", report.MaxError.Keys);
        Assert.All(report.MaxError, error => Assert.True(error.Value <= report.Allowed[error.Key]));
    }

    [Fact]
    public void A_wrong_number_is_found_where_it_stands()
    {
        var recording = Read("gym_CartPole-v1.json.gz");
        var state = recording["episodes"]![1]!["steps"]![4]!["state"]!;
        state[2] = state[2]!.GetValue<double>() + 0.25;
        var report = RecordingReplay.Run(Load(recording));
        Assert.False(report.Reproduces);
        Assert.StartsWith("episode 1, step 4: state is off by 2.5e-1", report.FirstDifference, StringComparison.Ordinal);
        Assert.Equal(0.25, report.MaxError["state"], 1e-12);
        Assert.Equal(0.25, report.Episodes[1]["state"], 1e-12);
        Assert.InRange(report.Episodes[0]["state"], 0, 1e-12);
    }

    [Fact]
    public void An_end_at_another_step_is_found_and_ends_the_comparison()
    {
        var recording = Read("gym_CartPole-v1.json.gz");
        var steps = recording["episodes"]![0]!["steps"]!.AsArray();
        steps[^1]!["te"] = false;
        steps.Add(steps[^1]!.DeepClone());
        var report = RecordingReplay.Run(Load(recording));
        Assert.Equal(1, report.MaxError["terminated"]);
        Assert.Equal(3, report.Episodes.Count);
        Assert.Contains("terminated", report.FirstDifference, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_a_start_is_drawn_otherwise_the_recorded_one_is_followed_all_the_same()
    {
        var recording = Read("dmc_reacher_easy.json.gz");
        recording["seed"] = 12;
        var report = RecordingReplay.Run(Load(recording));
        Assert.False(report.Reproduces);
        Assert.StartsWith("episode 0, step 0: start is off by", report.FirstDifference, StringComparison.Ordinal);
        Assert.InRange(report.MaxError["start"], 0.01, 10);
        Assert.All(report.MaxError.Where(error => error.Key != "start"), error => Assert.InRange(error.Value, 0, 1e-12));
    }

    [Fact]
    public void A_state_of_another_length_is_infinitely_wrong()
    {
        var recording = Read("gym_Pendulum-v1.json.gz");
        recording["episodes"]![0]!["state0"]!.AsArray().Add(0.0);
        Assert.Equal(double.PositiveInfinity, RecordingReplay.Run(Load(recording)).MaxError["state"]);
    }

    [Theory]
    [InlineData("", "is no recording")]
    [InlineData("[1]", "a JSON array and not an object")]
    [InlineData("{}", "neither 'domain' (DeepMind Control)")]
    [InlineData("""{"env": "CartPole-v1"}""", "'episodes' is missing")]
    [InlineData("""{"env": "CartPole-v1", "episodes": 3}""", "'episodes' is not a list")]
    [InlineData("""{"env": "CartPole-v1", "episodes": []}""", "it holds no episodes")]
    [InlineData("""{"env": "CartPole-v1", "episodes": [{"seed": "a"}]}""", "'seed' is \"a\" and not a whole number")]
    [InlineData("""{"env": 4, "episodes": []}""", "'env' is not a text")]
    [InlineData("""{"domain": "walker", "episodes": []}""", "'task' is missing")]
    [InlineData("""{"game": "breakout", "sticky": 0.1, "ramping": true, "runs": [{"seed": 0, "s0": "0", "steps": [3]}]}""", "is not a list")]
    [InlineData("""{"runs": [{"hash": 1, "seed": 1}]}""", "'map' is missing")]
    public void A_damaged_file_is_refused_by_what_is_wrong_with_it(string content, string reason)
    {
        File.WriteAllText(path, content);
        var error = Assert.Throws<RecordingFormatException>(() => RecordingFile.Load(path));
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"env": "CartPole-v1", "episodes": [{"seed": 0, "obs0": [], "state0": [], "steps": [{"a": [2], "obs": [], "state": [], "r": 1, "te": false, "tr": false}]}]}""", "[2] is no action of CartPole-v1")]
    [InlineData("""{"env": "fake", "episodes": [{"seed": 0, "obs0": [], "state0": [], "steps": []}]}""", "fake cannot follow the recording: it has no state")]
    public void A_recording_that_cannot_be_followed_is_refused(string content, string reason)
    {
        var error = Assert.Throws<RecordingFormatException>(() => RecordingReplay.Run(Load(JsonNode.Parse(content)!)));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_environment_that_we_lack_is_named() => Assert.Throws<UnknownEnvironmentException>(
        () => RecordingReplay.Run(Load(JsonNode.Parse("""{"env": "CartPole-v7", "episodes": [{"seed": 0, "obs0": [], "state0": [], "steps": []}]}""")!)));

    private static JsonNode Read(string resource)
    {
        using var stream = typeof(RecordingReplayTests).Assembly.GetManifestResourceStream(resource)!;
        using var unpacked = new GZipStream(stream, CompressionMode.Decompress);
        return JsonNode.Parse(unpacked)!;
    }

    private Recordings.Recording Load(JsonNode content)
    {
        File.WriteAllText(path, content.ToJsonString());
        return RecordingFile.Load(path);
    }
}
