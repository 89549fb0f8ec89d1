using System.Buffers.Binary;
using Dreamer.System.Tests.Processes;

namespace Dreamer.System.Tests.Command;

/// <summary>Training from pixels.</summary>
public sealed class ImageRunTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task An_image_task_trains_and_leaves_an_open_loop_picture()
    {
        var run = new RunDirectory(_directory["run"]);
        var (code, _, errors) = await DreamerCommand.RunAsync(
            _directory.Path, "train", "--configs", "debug", "--env.observation", "image", "--env.size", "48", "--steps", "160",
            "--learner.report_seconds", "0.01", "--learner.log_seconds", "0.1", "--logdir", run.Path);

        Assert.True(code == 0, errors);
        Assert.Contains(run.Lines("metrics.jsonl"), line => line.TryGetProperty("train/loss/image", out var loss) && loss.GetDouble() > 0);
        var picture = File.ReadAllBytes(Directory.GetFiles(run.In("reports"), "openloop_image-*.png").Order().Last());
        Assert.Equal<byte>([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10], picture[..8]);
        Assert.Equal("IHDR"u8.ToArray(), picture[12..16]);

        // Four sequences of truth, model and error; ten steps to the right.
        var (width, height) = (BinaryPrimitives.ReadInt32BigEndian(picture.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(picture.AsSpan(20)));
        Assert.Equal((10 * 48, 4 * 3 * 48), (width, height));
        Assert.Equal("IEND"u8.ToArray(), picture[^8..^4]);
    }

    [Fact]
    public async Task A_size_that_the_networks_do_not_take_is_one_line()
    {
        var (code, _, errors) = await DreamerCommand.RunAsync(
            _directory.Path, "train", "--configs", "debug", "--env.observation", "image", "--env.size", "50", "--logdir", _directory["run"]);

        Assert.Equal(1, code);
        Assert.Contains("env.size", DreamerCommand.ErrorLine(errors));
    }
}
