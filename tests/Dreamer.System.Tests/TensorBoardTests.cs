using System.Text.Json;
using Dreamer.Reporting;
using Dreamer.System.Tests.Processes;

namespace Dreamer.System.Tests;

/// <summary>Event files as TensorBoard sees them: a reader in Python that knows their format and nothing of us.</summary>
public sealed class TensorBoardTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Scalars_bear_the_names_steps_and_values_of_metrics_jsonl()
    {
        using (var logdir = Logdir.Open(_directory.Path, TimeProvider.System))
        {
            logdir.WriteEpisode(120, -21.5, 60);
            logdir.WriteMetrics(5_000_000_000, [new("train/loss/dyn", 1.25), new("train/opt/größe", 1e30), new("replay/ratio", double.NaN)]);
        }

        var file = Assert.Single(await ReadAsync());
        var events = file.GetProperty("events").EnumerateArray().ToArray();
        Assert.Equal(("brain.Event:2", 0, 3), (events[0].GetProperty("version").GetString(), file.GetProperty("torn").GetInt32(), events.Length));
        Assert.Equal((120, -21.5, 60.0), (events[1].GetProperty("step").GetInt64(), Scalar(events[1], "episode/score"), Scalar(events[1], "episode/length")));
        Assert.Equal((5_000_000_000, 1.25), (events[2].GetProperty("step").GetInt64(), Scalar(events[2], "train/loss/dyn")));
        Assert.Equal((double)1e30f, Scalar(events[2], "train/opt/größe"));
        Assert.Equal(JsonValueKind.Null, events[2].GetProperty("scalars").GetProperty("replay/ratio").ValueKind);
        var age = DateTimeOffset.UtcNow.ToUnixTimeSeconds() - events[2].GetProperty("time").GetDouble();
        Assert.InRange(age, -1, 3600);
    }

    [Fact]
    public async Task Stills_and_films_are_the_files_of_reports()
    {
        Raster[] frames = [.. Enumerable.Range(0, 3).Select(shade => new Raster(4, 6, 3, Enumerable.Repeat((byte)(80 * shade), 72).ToArray()))];
        using (var logdir = Logdir.Open(_directory.Path, TimeProvider.System))
        {
            logdir.WritePicture(64, "openloop/image", frames[..1], 10);
            logdir.WritePicture(64, "openloop/image", frames, 10);
        }

        var images = Assert.Single(await ReadAsync()).GetProperty("events").EnumerateArray().SelectMany(each => each.GetProperty("images").EnumerateObject()).ToArray();
        Assert.Equal(["openloop/image", "openloop/image/film"], images.Select(image => image.Name));
        Assert.All(images, image => Assert.Equal(
            (4, 6, 3), (image.Value.GetProperty("height").GetInt32(), image.Value.GetProperty("width").GetInt32(), image.Value.GetProperty("channels").GetInt32())));
        Assert.Equal(File.ReadAllBytes(_directory["reports/openloop_image-000000064.png"]), images[0].Value.GetProperty("file").GetBytesFromBase64());
        Assert.Equal(File.ReadAllBytes(_directory["reports/openloop_image-000000064.gif"]), images[1].Value.GetProperty("file").GetBytesFromBase64());
    }

    [Fact]
    public async Task Each_life_has_a_file_of_its_own_and_a_torn_end_costs_one_record()
    {
        for (var life = 0; life < 3; life++)
        {
            using (var logdir = Logdir.Open(_directory.Path, TimeProvider.System))
            {
                logdir.WriteMetrics((10 * life) + 1, [new("value", life)]);
                logdir.WriteMetrics((10 * life) + 2, [new("value", life)]);
            }

            // The last file in the order of names is the newest: tear it, as a crash would.
            using var torn = new FileStream(Directory.GetFiles(_directory.Path, "*tfevents*").Order(StringComparer.Ordinal).Last(), FileMode.Open);
            torn.SetLength(torn.Length - (life == 1 ? 3 : 0));
        }

        // A life that writes nothing leaves nothing.
        Logdir.Open(_directory.Path, TimeProvider.System).Dispose();

        var files = await ReadAsync();
        Assert.Equal(3, files.Length);
        Assert.Equal([1L, 2, 11, 21, 22], files.SelectMany(file => file.GetProperty("events").EnumerateArray().Skip(1)).Select(each => each.GetProperty("step").GetInt64()));
        Assert.Equal([false, true, false], files.Select(file => file.GetProperty("torn").GetInt32() > 0));
    }

    [Fact]
    public void Without_a_clock_there_is_no_event_file()
    {
        using (var logdir = Logdir.Open(_directory.Path))
        {
            logdir.WriteEpisode(1, 1, 1);
        }

        Assert.Empty(Directory.GetFiles(_directory.Path, "*tfevents*"));
    }

    private async Task<JsonElement[]> ReadAsync()
    {
        var script = Path.Combine(Repository.Root, "tests", "Dreamer.System.Tests", "peers", "read_events.py");
        var peer = await Tool.RunAsync("/usr/bin/python3", [script, _directory.Path], TimeSpan.FromMinutes(2));
        Assert.True(peer.Code == 0, peer.Errors);
        return [.. JsonDocument.Parse(peer.Output).RootElement.EnumerateArray()];
    }

    private static double Scalar(JsonElement each, string tag) => each.GetProperty("scalars").GetProperty(tag).GetDouble();
}
