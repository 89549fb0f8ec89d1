using Dreamer.Reporting;

namespace Dreamer.Hosting.Tests;

public sealed class MetricsReaderTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("dreamer-metrics").FullName;

    private string File => Path.Combine(_directory, "metrics.jsonl");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void It_follows_a_file_line_by_line()
    {
        var reader = new MetricsReader(File);
        reader.Refresh();
        Assert.Equal((0, 0L, null), (reader.Version, reader.LastStep, reader.Score));

        Append("{\"step\":10,\"episode/score\":5,\"episode/length\":7}\n{\"step\":20,\"train/loss/dyn\":1.5,\"replay/ra");
        reader.Refresh();
        Assert.Equal((1, 10L, 5.0, 7.0), (reader.Version, reader.LastStep, reader.Score, reader.EpisodeLength));
        Assert.Null(reader.Latest("train/loss/dyn"));

        Append("tio\":null}\n");
        reader.Refresh();
        Assert.Equal((20L, 1.5), (reader.LastStep, reader.Latest("train/loss/dyn")));
        Assert.Null(reader.Latest("replay/ratio"));
        Assert.Equal([20.0], reader.Series["train/loss/dyn"].Steps);

        var version = reader.Version;
        reader.Refresh();
        Assert.Equal(version, reader.Version);
    }

    [Fact]
    public void What_is_no_metric_is_left_out_and_a_replaced_file_is_read_anew()
    {
        Append("not json\n[1]\n\n{\"step\":\"x\"}\n{\"step\":3,\"a\":{\"b\":[1]},\"c\":2}\n" + $"{{\"step\":4,\"{new string('n', 100_000)}\":1,\"c\":3}}\n");
        var reader = new MetricsReader(File);
        reader.Refresh();
        Assert.Equal((4L, 3.0, 2L), (reader.LastStep, reader.Latest("c"), reader.Series["c"].Count));

        global::System.IO.File.WriteAllText(File, "{\"step\":1,\"d\":1}\n");
        reader.Refresh();
        Assert.Equal(["d"], reader.Series.Keys);
        Assert.Equal(1, reader.LastStep);
    }

    [Fact]
    public void The_score_is_the_mean_of_the_last_twenty_episodes()
    {
        Append(string.Concat(Enumerable.Range(1, 30).Select(i => $"{{\"step\":{i},\"episode/score\":{i}}}\n")));
        var reader = new MetricsReader(File);
        reader.Refresh();
        Assert.Equal((30L, 20.5), (reader.Episodes, reader.Score));
    }

    [Fact]
    public void A_long_series_keeps_its_shape_in_bounded_memory()
    {
        var series = new MetricSeries(capacity: 64);
        for (var step = 0; step < 10_000; step++)
        {
            series.Add(step, 2 * step);
        }

        var (steps, values) = (series.Steps.ToArray(), series.Values.ToArray());
        Assert.InRange(steps.Length, 32, 64);
        Assert.Equal(steps, steps.Order());
        Assert.All(steps.Zip(values), point => Assert.Equal(2 * point.First, point.Second, 6));
        Assert.Equal((10_000L, 19_998.0), (series.Count, series.Latest));
    }

    [Fact]
    public void Values_at_one_step_are_one_point()
    {
        var series = new MetricSeries();
        series.Add(5, 1);
        series.Add(5, 3);
        series.Add(6, 4);
        Assert.Equal([5.0, 6.0], series.Steps);
        Assert.Equal([2.0, 4.0], series.Values);
    }

    private void Append(string text) => global::System.IO.File.AppendAllText(File, text);
}
