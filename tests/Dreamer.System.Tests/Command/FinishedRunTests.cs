using System.Buffers.Binary;
using System.Text.Json;
using Dreamer.Agents.Checkpoints;
using Dreamer.System.Tests.Processes;

namespace Dreamer.System.Tests.Command;

/// <summary><c>dreamer train --configs debug</c> to its end, and what follows on its logdir.</summary>
public sealed class FinishedRunTests(FinishedRun finished) : IClassFixture<FinishedRun>
{
    [Fact]
    public void The_logdir_holds_the_resolved_settings_and_dreamerv3s_metrics()
    {
        var config = File.ReadAllText(finished.Run.In("config.yaml"));
        Assert.Contains("# presets: debug", config);
        Assert.Contains("steps: 400", config);
        Assert.Contains("  deter: 8", config);

        var scores = finished.Run.Lines("scores.jsonl");
        Assert.NotEmpty(scores);
        Assert.All(scores, line => Assert.Equal(["step", "episode/score"], line.EnumerateObject().Select(key => key.Name)));
        Assert.All(scores, line => Assert.InRange(line.GetProperty("episode/score").GetDouble(), 1, 500));

        var metrics = finished.Run.Lines("metrics.jsonl");
        Assert.Equal(scores.Length, metrics.Count(line => line.TryGetProperty("episode/length", out _)));
        var training = metrics.Last(line => line.TryGetProperty("train/updates", out _));
        foreach (var key in new[] { "dyn", "rep", "rew", "con", "vector", "policy", "value", "repval" })
        {
            Assert.True(double.IsFinite(training.GetProperty($"train/loss/{key}").GetDouble()), key);
        }

        foreach (var rate in new[] { "fps/train", "fps/policy" })
        {
            Assert.Contains(metrics, line => line.TryGetProperty(rate, out var value) && value.GetDouble() > 0);
        }
    }

    /// <summary>As an earlier version may have left them: a setting that is no more, and one of another kind.</summary>
    [Fact]
    public async Task Runs_with_settings_that_are_no_more_are_evaluated_and_compared_with_a_warning()
    {
        using var directory = new TemporaryDirectory();
        var old = directory["old"];
        Directory.CreateDirectory(old);
        foreach (var file in Directory.GetFiles(finished.Run.Path, "*", SearchOption.AllDirectories).Where(file => !file.Contains("/replay/")))
        {
            var copy = Path.Combine(old, Path.GetRelativePath(finished.Run.Path, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        File.AppendAllText(Path.Combine(old, "config.yaml"), "dreamer_v3.wobble: 3\nlearner.log_seconds: often\n");
        foreach (var command in (string[][])[["eval", "--logdir", old, "--episodes", "1"], ["compare", old, "--out", directory["curve.svg"]]])
        {
            var (code, _, errors) = await DreamerCommand.RunAsync(directory.Path, command);
            Assert.True(code == 0, errors);
            Assert.Contains("dreamer_v3.wobble", errors);
            Assert.Contains("learner.log_seconds", errors);
        }

        // What is not the run's own must still be right.
        var (refused, _, reason) = await DreamerCommand.RunAsync(directory.Path, "eval", "--logdir", old, "--dreamer_v3.wobble", "3");
        Assert.Equal(2, refused);
        Assert.Contains("unknown flag --dreamer_v3.wobble", reason);
    }

    [Fact]
    public void Steps_and_updates_of_the_train_ratio_were_done()
    {
        // Each of 400 steps replayed 32 times in batches of 8 x 10.
        Assert.Equal(400 * 32 / 80, finished.Run.Updates);
        Assert.InRange(finished.Run.Steps, 400, 400 + (5 * 64));
        Assert.Contains("/400", finished.Output);
        Assert.Contains("train ratio", finished.Output);
    }

    [Fact]
    public void The_checkpoint_is_a_safetensors_file_of_float32()
    {
        using var file = File.OpenRead(Path.Combine(finished.Run.Checkpoints[^1], "tensors.safetensors"));
        var prefix = new byte[8];
        file.ReadExactly(prefix);
        var json = new byte[BinaryPrimitives.ReadInt64LittleEndian(prefix)];
        file.ReadExactly(json);
        var end = 0L;
        var names = new List<string>();
        foreach (var tensor in JsonDocument.Parse(json).RootElement.EnumerateObject())
        {
            Assert.Equal("F32", tensor.Value.GetProperty("dtype").GetString());
            var elements = tensor.Value.GetProperty("shape").EnumerateArray().Aggregate(1L, (product, extent) => product * extent.GetInt64());
            var offsets = tensor.Value.GetProperty("data_offsets");
            Assert.Equal((end, end + (4 * elements)), (offsets[0].GetInt64(), offsets[1].GetInt64()));
            end = offsets[1].GetInt64();
            names.Add(tensor.Name);
        }

        Assert.Equal(file.Length, 8 + json.Length + end);
        Assert.Contains(names, name => name.EndsWith("dyn/deter/weight", StringComparison.Ordinal));
        var values = new byte[end];
        file.ReadExactly(values);
        Assert.All(Enumerable.Range(0, values.Length / 4), i => Assert.True(float.IsFinite(BitConverter.ToSingle(values, 4 * i))));
    }

    [Fact]
    public async Task The_checkpoint_opens_in_Python()
    {
        var path = Path.Combine(finished.Run.Checkpoints[^1], "tensors.safetensors");
        var script = Path.Combine(Repository.Root, "tests", "Dreamer.System.Tests", "peers", "read_safetensors.py");
        var peer = await Tool.RunAsync("/usr/bin/python3", [script, path], TimeSpan.FromMinutes(2));
        Assert.True(peer.Code == 0, peer.Errors);

        var read = JsonDocument.Parse(peer.Output).RootElement;
        var file = File.ReadAllBytes(path);
        var entries = Safetensors.ReadHeader(new MemoryStream(file));
        Assert.Equal(entries.Keys.Order(StringComparer.Ordinal), read.EnumerateObject().Select(tensor => tensor.Name).Order(StringComparer.Ordinal));
        foreach (var (name, entry) in entries)
        {
            var tensor = read.GetProperty(name);
            Assert.Equal(entry.Shape, tensor.GetProperty("shape").EnumerateArray().Select(extent => extent.GetInt64()));
            Assert.True(tensor.GetProperty("finite").GetBoolean(), name);
            Assert.Equal(BitConverter.ToSingle(file, (int)entry.Offset), tensor.GetProperty("first").GetSingle());
            Assert.Equal(BitConverter.ToSingle(file, (int)(entry.Offset + entry.Bytes) - 4), tensor.GetProperty("last").GetSingle());
        }
    }

    [Fact]
    public async Task The_same_command_again_says_that_it_is_done_and_changes_nothing()
    {
        var before = finished.Run.CheckpointFiles();
        var (code, output, errors) = await DreamerCommand.RunAsync(finished.Directory, finished.Command);

        Assert.Equal(0, code);
        Assert.Contains("training is done after 160 updates", output + errors);
        Assert.Equal(before, finished.Run.CheckpointFiles());
    }

    [Fact]
    public async Task Eval_plays_episodes_and_prints_json()
    {
        var (code, output, errors) = await DreamerCommand.RunAsync(finished.Directory, "eval", "--logdir", finished.Run.Path, "--episodes", "3", "--json");

        Assert.True(code == 0, errors);
        var result = JsonDocument.Parse(output).RootElement;
        double[] scores = [.. result.GetProperty("scores").EnumerateArray().Select(score => score.GetDouble())];
        Assert.Equal(3, result.GetProperty("episodes").GetInt32());
        Assert.Equal(3, scores.Length);
        Assert.Equal(scores.Average(), result.GetProperty("mean").GetDouble(), 9);
        Assert.Equal(Math.Sqrt(scores.Average(score => Math.Pow(score - scores.Average(), 2))), result.GetProperty("std").GetDouble(), 9);
    }

    [Fact]
    public async Task Compare_draws_the_runs_curve_and_refuses_what_is_no_run()
    {
        var picture = Path.Combine(finished.Directory, "curves.svg");
        var (code, output, errors) = await DreamerCommand.RunAsync(finished.Directory, "compare", finished.Run.Path, finished.Run.Path, "--out", picture, "--json");

        Assert.True(code == 0, errors);
        var curve = JsonDocument.Parse(output).RootElement[0];
        Assert.Equal(("CartPole-v1", "dreamer_v3", 2), (curve.GetProperty("task").GetString(), curve.GetProperty("label").GetString(), curve.GetProperty("runs").GetInt32()));
        Assert.Contains("polyline", File.ReadAllText(picture));

        (code, _, errors) = await DreamerCommand.RunAsync(finished.Directory, "compare", finished.Directory);
        Assert.Equal(2, code);
        Assert.Contains(finished.Directory, DreamerCommand.ErrorLine(errors));
    }

    [Theory]
    [InlineData("--dreamer_v3.deter", "16", "dyn/")]
    [InlineData("--env", "Acrobot-v1", "enc/")]
    public async Task A_run_of_another_shape_is_refused_and_nothing_is_lost(string setting, string value, string tensor)
    {
        var checkpoints = finished.Run.CheckpointFiles();
        var config = File.ReadAllText(finished.Run.In("config.yaml"));
        var journal = (await finished.Run.ReadJournalAsync()).Records.Count;

        var (code, _, errors) = await DreamerCommand.RunAsync(finished.Directory, [.. finished.Command, "--steps", "800", setting, value]);

        Assert.Equal(1, code);
        var line = DreamerCommand.ErrorLine(errors);
        Assert.Contains(tensor, line);
        Assert.Contains("another logdir", line);
        Assert.Equal(checkpoints, finished.Run.CheckpointFiles());
        Assert.Equal(config, File.ReadAllText(finished.Run.In("config.yaml")));
        Assert.Equal(journal, (await finished.Run.ReadJournalAsync()).Records.Count);
    }
}
