using System.Text.Json;
using Dreamer.Reporting;
using Dreamer.Spaces;

namespace Dreamer.Hosting.Tests;

public sealed class LogdirTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("dreamer-logdir").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Episodes_go_to_both_files_with_the_field_s_keys()
    {
        using (var logdir = Logdir.Open(_directory))
        {
            logdir.WriteEpisode(120, 21.5, 60);
            logdir.WriteMetrics(128, [new("train/loss/dyn", 1.25), new("train/opt/grad_norm", double.NaN)]);
        }

        Assert.Equal("""{"step":120,"episode/score":21.5}""" + "\n", Read("scores.jsonl"));
        Assert.Equal(
            """{"step":120,"episode/score":21.5,"episode/length":60}""" + "\n" + """{"step":128,"train/loss/dyn":1.25,"train/opt/grad_norm":null}""" + "\n",
            Read("metrics.jsonl"));
        Assert.True(Directory.Exists(Path.Combine(_directory, "checkpoints")));
    }

    [Fact]
    public void Facts_of_an_episode_stand_beside_its_score()
    {
        using (var logdir = Logdir.Open(_directory))
        {
            logdir.WriteEpisode(120, 2, 60, new EpisodeFact("achievement/wake_up", 3), new EpisodeFact("depth", 0.5));
        }

        Assert.Equal(
            """{"step":120,"episode/score":2,"episode/length":60,"episode/achievement/wake_up":3,"episode/depth":0.5}""" + "\n", Read("metrics.jsonl"));
        Assert.Equal("""{"step":120,"episode/score":2}""" + "\n", Read("scores.jsonl"));
    }

    [Theory]
    [InlineData("{\"step\":1}\n{\"step\":2,\"sc", 1)]
    [InlineData("{\"step\":1}\n{\"step\":2}\n", 2)]
    [InlineData("{\"ste", 0)]
    [InlineData("", 0)]
    public void Resuming_appends_and_drops_a_torn_last_line(string before, int kept)
    {
        File.WriteAllText(Path.Combine(_directory, "scores.jsonl"), before);
        using (var logdir = Logdir.Open(_directory))
        {
            logdir.WriteEpisode(7, 1, 1);
        }

        var steps = Read("scores.jsonl").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("step").GetInt32());
        Assert.Equal([.. Enumerable.Range(1, kept), 7], steps);
    }

    [Fact]
    public void A_torn_line_longer_than_a_block_is_dropped()
    {
        File.WriteAllText(Path.Combine(_directory, "scores.jsonl"), "{\"step\":1}\n" + new string('x', 10_000));
        Logdir.Open(_directory).Dispose();
        Assert.Equal("{\"step\":1}\n", Read("scores.jsonl"));
    }

    [Fact]
    public void Two_runs_cannot_share_a_logdir()
    {
        using (Logdir.Open(_directory))
        {
            var error = Assert.Throws<LogdirInUseException>(() => Logdir.Open(_directory));
            Assert.Contains(_directory, error.Message);
            Assert.Contains("--logdir", error.Message);
        }

        Logdir.Open(_directory).Dispose();
    }

    [Fact]
    public void Lines_from_many_threads_stay_whole()
    {
        using (var logdir = Logdir.Open(_directory))
        {
            Parallel.For(0, 200, step => logdir.WriteMetrics(step, [new("value", step)]));
        }

        var steps = Read("metrics.jsonl").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("step").GetInt32());
        Assert.Equal(Enumerable.Range(0, 200), steps.Order());
    }

    [Fact]
    public void Config_and_reports_are_replaced_whole()
    {
        using var logdir = Logdir.Open(_directory);
        logdir.WriteConfig("seed: 1\n");
        logdir.WriteConfig("seed: 2\n");
        Assert.Equal("seed: 2\n", File.ReadAllText(logdir.ConfigFile));
        Assert.Equal([1, 2], File.ReadAllBytes(logdir.WriteReport("openloop.png", [1, 2])));
        Assert.Empty(Directory.GetFiles(_directory, "*.tmp", SearchOption.AllDirectories));
    }

    private string Read(string name) => File.ReadAllText(Path.Combine(_directory, name));
}
