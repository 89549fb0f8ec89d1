using System.Text.Json;
using Dreamer.System.Tests.Processes;

namespace Dreamer.System.Tests.Command;

/// <summary>What the command says about itself, and to those who mistype.</summary>
public sealed class UsageTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    /// <summary>The parameter counts of the published presets.</summary>
    [Theory]
    [InlineData("size1m", "image:uint8:64x64x3", "continuous:6", 686_846)]
    [InlineData("size1m", "vector:float32:24", "continuous:6", 640_867)]
    [InlineData("size12m", "image:uint8:64x64x3", "continuous:6", 10_494_158)]
    [InlineData("size12m", "vector:float32:24", "continuous:6", 9_738_019)]
    [InlineData("size25m", "image:uint8:64x64x3", "continuous:6", 23_489_326)]
    [InlineData("size25m", "vector:float32:24", "continuous:6", 21_782_947)]
    [InlineData("size50m", "image:uint8:64x64x3", "continuous:6", 41_650_062)]
    [InlineData("size50m", "vector:float32:24", "continuous:6", 38_612_003)]
    [InlineData("size100m", "image:uint8:64x64x3", "continuous:6", 93_468_238)]
    [InlineData("size100m", "vector:float32:24", "continuous:6", 86_622_499)]
    [InlineData("size200m", "image:uint8:64x64x3", "continuous:6", 165_948_686)]
    [InlineData("size200m", "vector:float32:24", "continuous:6", 153_769_507)]
    [InlineData("size200m", "image:uint8:96x96x1", "discrete:18", 186_936_082)]
    [InlineData("size200m", "image:uint8:64x64x3", "discrete:17", 165_965_075)]
    [InlineData("size400m", "image:uint8:64x64x3", "continuous:6", 372_896_398)]
    [InlineData("size400m", "vector:float32:24", "continuous:6", 345_473_059)]
    public async Task Describe_counts_parameters(string preset, string observation, string action, long total)
    {
        var (code, output, errors) = await RunAsync("describe", "--configs", preset, "--observation", observation, "--action", action, "--json");

        Assert.True(code == 0, errors);
        var result = JsonDocument.Parse(output).RootElement;
        Assert.Equal(total, result.GetProperty("total").GetInt64());
        var modules = result.GetProperty("modules").EnumerateObject().ToDictionary(module => module.Name, module => module.Value.GetInt64());
        Assert.Equal(["con", "dec", "dyn", "enc", "pol", "rew", "val"], modules.Keys.Order());
        Assert.Equal(total, modules.Values.Sum());
    }

    [Fact]
    public async Task Describe_counts_each_module()
    {
        var (_, output, _) = await RunAsync("describe", "--configs", "size1m", "--observation", "image:uint8:64x64x3", "--action", "continuous:6", "--json");

        var modules = JsonDocument.Parse(output).RootElement.GetProperty("modules").EnumerateObject().ToDictionary(module => module.Name, module => module.Value.GetInt64());
        Assert.Equal(
            new Dictionary<string, long> { ["enc"] = 14_304, ["dyn"] = 376_704, ["dec"] = 80_595, ["rew"] = 57_663, ["con"] = 41_153, ["pol"] = 50_316, ["val"] = 66_111 },
            modules);
    }

    [Fact]
    public async Task Config_show_says_where_each_value_came_from()
    {
        await File.WriteAllTextAsync(_directory["dreamer.yaml"], "steps: 7\nreplay.chunk_steps: 32\nlearner:\n  prefetch: 3\n");
        await using var process = DreamerCommand.Start(
            _directory.Path, ["config", "show", "--configs", "debug", "--seed", "4", "--env", "Pendulum-v1"],
            new Dictionary<string, string> { ["DREAMER__LEARNER__PREFETCH"] = "5" });

        Assert.Equal(0, await process.ExitAsync());
        var lines = process.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .ToDictionary(parts => parts[0], parts => (Value: parts[1], Source: parts[2]));
        Assert.Equal(("4", "--seed"), lines["seed"]);
        Assert.Equal(("Pendulum-v1", "--env"), lines["env.name"]);
        Assert.Equal(("7", "dreamer.yaml:1"), lines["steps"]);
        Assert.Equal(("32", "dreamer.yaml:2"), lines["replay.chunk_steps"]);
        Assert.Equal(("5", "DREAMER__LEARNER__PREFETCH"), lines["learner.prefetch"]);
        Assert.Equal(("8", "preset debug"), lines["dreamer_v3.deter"]);
        Assert.Equal(("333.0", "defaults"), lines["dreamer_v3.discount_horizon"]);
        Assert.Equal("logdir/Pendulum-v1-dreamer_v3-4", lines["logdir"].Value);
    }

    [Fact]
    public async Task Env_list_names_every_task()
    {
        var (code, output, _) = await RunAsync("env", "list");

        Assert.Equal(0, code);
        foreach (var name in new[] { "CartPole-v1", "Pendulum-v1", "Acrobot-v1", "MountainCar-v0", "MountainCarContinuous-v0" })
        {
            Assert.Contains(output.Split('\n'), line => line.StartsWith(name + " ", StringComparison.Ordinal) && line.Contains("vector:float32:"));
        }
    }

    [Fact]
    public async Task Env_list_has_spaces_repeats_and_published_scores_for_programs()
    {
        var (code, output, _) = await RunAsync("env", "list", "--json");

        Assert.Equal(0, code);
        var walker = JsonDocument.Parse(output).RootElement.EnumerateArray().Single(entry => entry.GetProperty("name").GetString() == "dmc_walker_walk");
        Assert.Equal("continuous:6", walker.GetProperty("action").GetString());
        Assert.Equal(1000, walker.GetProperty("step_limit").GetInt32());
        Assert.Equal(2, walker.GetProperty("action_repeats").GetProperty("dreamer_v1").GetInt32());
        Assert.Contains(walker.GetProperty("published_scores").EnumerateArray(), score => score.GetProperty("agent").GetString() == "dreamer_v3"
            && score.GetProperty("steps").GetInt32() == 1_000_000 && score.GetProperty("score").GetDouble() == 960);
    }

    [Fact]
    public async Task Env_show_writes_an_episode_that_can_be_looked_at()
    {
        var (code, output, errors) = await RunAsync("env", "show", "catch", "--out", "catch.gif", "--size", "16");

        Assert.True(code == 0, errors);
        Assert.Contains("frames, score", output);
        var gif = await File.ReadAllBytesAsync(_directory["catch.gif"]);
        Assert.Equal("GIF89a"u8.ToArray(), gif[..6]);
        Assert.Equal(16, gif[6]);
    }

    [Fact]
    public async Task Env_replay_tells_a_recording_that_is_followed_from_others()
    {
        const string Recording = """{"env": "MountainCar-v0", "episodes": [{"seed": 0, "obs0": [-0.47260767, 0], "state0": [-0.47260766999, 0], "steps": []}]}""";
        await File.WriteAllTextAsync(_directory["good.json"], Recording.Replace("-0.47260766999", "-0.4726076625357092"));
        await File.WriteAllTextAsync(_directory["bad.json"], Recording.Replace("-0.47260766999", "-0.48"));

        var (code, output, errors) = await RunAsync("env", "replay", "--recording", "good.json", "--json");
        Assert.True(code == 0, errors + output);
        var report = JsonDocument.Parse(output).RootElement;
        Assert.Equal("MountainCar-v0", report.GetProperty("environment").GetString());
        Assert.Equal(1, report.GetProperty("episodes").GetInt32());
        Assert.InRange(report.GetProperty("max_error").GetProperty("state").GetDouble(), 0, 1e-12);

        (code, output, _) = await RunAsync("env", "replay", "--recording", "bad.json", "--json");
        Assert.Equal(1, code);
        Assert.InRange(JsonDocument.Parse(output).RootElement.GetProperty("max_error").GetProperty("state").GetDouble(), 0.007, 0.008);
    }

    [Theory]
    [InlineData(2, "train", "trian")]
    [InlineData(2, "nowhere.json", "env", "replay", "--recording", "nowhere.json")]
    [InlineData(2, "CartPole-v1", "env", "show", "CartPole-v2", "--out", "x.gif")]
    [InlineData(2, "env.size", "env", "show", "CartPole-v1", "--out", "x.gif", "--size", "3")]
    [InlineData(2, "--out", "env", "show", "CartPole-v1", "--out", "nowhere/x.gif")]
    [InlineData(2, "--frames", "env", "show", "CartPole-v1", "--out", "x.gif", "--frames", "0")]
    [InlineData(2, "debug", "train", "--configs", "debgu")]
    [InlineData(2, "--replay.redis", "train", "--replay.rediss", "host:1")]
    [InlineData(2, "--json", "describe", "--jsn")]
    [InlineData(2, "config.yaml", "eval", "--logdir", "nowhere")]
    [InlineData(2, "--logdir", "eval")]
    [InlineData(2, "seed", "train", "--seed", "many")]
    [InlineData(2, "CartPole-v1", "train", "--env", "CartPol-v1")]
    [InlineData(1, "dreamer_v3", "describe", "--agent", "dreamer_v33")]
    [InlineData(1, "dreamer_v3", "train", "--agent", "dreamer_v33")]
    [InlineData(2, "dreamer_v3", "config", "show", "--agent", "dreamer_v33")]
    [InlineData(2, "seed", "config", "show", "--seed", "many")]
    [InlineData(2, "batch_size", "config", "show", "--dreamer_v3.batch_size", "0")]
    public async Task A_mistake_is_answered_with_the_right_word(int expected, string right, params string[] arguments)
    {
        var (code, output, errors) = await RunAsync(arguments);

        Assert.Equal(expected, code);
        Assert.Contains(right, output + errors);
        Assert.DoesNotContain("   at ", errors);
        Assert.Empty(Directory.GetFileSystemEntries(_directory.Path));
    }

    [Theory]
    [InlineData]
    [InlineData("train")]
    [InlineData("eval")]
    [InlineData("up")]
    [InlineData("env", "list")]
    [InlineData("env", "show")]
    [InlineData("env", "replay")]
    [InlineData("bench", "environments")]
    [InlineData("config", "show")]
    [InlineData("describe")]
    [InlineData("replay")]
    [InlineData("learner")]
    [InlineData("actor")]
    public async Task Help_is_everywhere(params string[] command)
    {
        var (code, output, _) = await RunAsync([.. command, "--help"]);

        Assert.Equal(0, code);
        Assert.Contains("Usage:", output);
    }

    private Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments) => DreamerCommand.RunAsync(_directory.Path, arguments);
}
