using System.Text;
using System.Text.Json;
using Dreamer.System.Tests.Processes;

namespace Dreamer.System.Tests.Operations;

/// <summary><c>dreamer backup</c> and <c>dreamer restore</c> of a run in one process.</summary>
public sealed class BackupTests : IDisposable
{
    private static readonly string[] Settings = ["--configs", "debug", "--env", "fake", "--learner.log_seconds", "0.1"];

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_restored_run_is_the_same_to_the_bit_and_goes_on()
    {
        var run = new RunDirectory(_directory["run"]);
        await SucceedAsync(["train", .. Settings, "--steps", "300", "--logdir", run.Path]);
        var said = await SucceedAsync("backup", "--logdir", run.Path, "--out", _directory["run.tar"]);
        Assert.Contains($"checkpoint of {run.Updates} updates", said);
        Assert.DoesNotContain("goes on", said);
        await SucceedAsync("restore", "--from", _directory["run.tar"], "--logdir", _directory["again"]);

        var again = new RunDirectory(_directory["again"]);
        var newest = Path.GetFileName(run.Checkpoints[^1]);
        string[] files = ["config.yaml", "metrics.jsonl", "scores.jsonl", $"checkpoints/{newest}/tensors.safetensors", $"checkpoints/{newest}/state.json", "replay/meta"];
        Assert.All(files, file => Assert.Equal(File.ReadAllBytes(run.In(file)), File.ReadAllBytes(again.In(file))));
        await AssertSameExperienceAsync(run, again);

        // Another archive of what was restored holds the same.
        await SucceedAsync("backup", "--logdir", again.Path, "--out", _directory["again.tar"]);
        await SucceedAsync("restore", "--from", _directory["again.tar"], "--logdir", _directory["third"]);
        await AssertSameExperienceAsync(run, new RunDirectory(_directory["third"]));

        var before = again.Updates;
        await SucceedAsync(["train", .. Settings, "--steps", "400", "--logdir", again.Path]);
        Assert.True(again.Updates > before);
        (await again.ReadJournalAsync()).Audit();
    }

    [Fact]
    public async Task A_run_that_goes_on_is_cut_where_its_store_holds_what_the_checkpoint_was_trained_on()
    {
        var run = new RunDirectory(_directory["run"]);
        string[] train = ["train", .. Settings, "--steps", "1000000000", "--limiter.train_ratio", "4", "--learner.checkpoint_seconds", "0.1", "--logdir"];
        await using (var training = DreamerCommand.Start(_directory.Path, [.. train, run.Path]))
        {
            await Until.HoldsAsync("30 updates are saved", () => run.Checkpoints.Length > 1 && run.LoggedUpdates >= 30, () => training.Said);
            var said = await SucceedAsync("backup", "--logdir", run.Path, "--out", _directory["run.tar"]);
            Assert.Contains("from a run that goes on", said);
            var (code, output, errors) = await DreamerCommand.RunAsync(_directory.Path, "status", "--logdir", run.Path, "--json");
            Assert.True(code == 0, errors);
            Assert.True(JsonDocument.Parse(output).RootElement.GetProperty("running").GetBoolean());
            Assert.True(training.Running, training.Said);
            training.Terminate();
            Assert.True(await training.ExitAsync() == 0, training.Said);
        }

        await SucceedAsync("restore", "--from", _directory["run.tar"], "--logdir", _directory["again"]);
        var again = new RunDirectory(_directory["again"]);
        var stored = await again.ReadJournalAsync();
        stored.Audit();
        Assert.True(stored.Steps >= again.Steps, $"{stored.Steps} steps for a checkpoint of {again.Steps}");
        // What the run logged after the cut came along: the resumed one passes it again.
        var updates = again.LoggedUpdates;
        await using var resumed = DreamerCommand.Start(_directory.Path, [.. train, again.Path]);
        await Until.HoldsAsync("20 updates more", () => again.LoggedUpdates >= updates + 20, () => resumed.Said);
        resumed.Terminate();
        Assert.True(await resumed.ExitAsync() == 0, resumed.Said);
    }

    [Fact]
    public async Task Damaged_archives_and_taken_places_are_refused_and_nothing_is_lost()
    {
        var run = new RunDirectory(_directory["run"]);
        await SucceedAsync(["train", .. Settings, "--steps", "300", "--logdir", run.Path]);
        var archive = _directory["run.tar"];
        await SucceedAsync("backup", "--logdir", run.Path, "--out", archive);
        var whole = await File.ReadAllBytesAsync(archive);

        Assert.Contains("--force", await FailAsync("backup", "--logdir", run.Path, "--out", archive));
        Assert.Equal(whole, await File.ReadAllBytesAsync(archive));
        Assert.Contains("lies in the run", await FailAsync("backup", "--logdir", run.Path, "--out", run.In("run.tar")));
        Assert.Contains("config.yaml", await FailAsync("backup", "--logdir", _directory["nothing"], "--out", _directory["x.tar"]));

        // A byte of a file, a byte of the manifest, the end cut off, the manifest missing, and no archive at all.
        var damaged = _directory["damaged.tar"];
        var manifest = whole.AsSpan().LastIndexOf(Encoding.ASCII.GetBytes("\"sha256\""));
        foreach (var broken in new[] { Flip(whole, whole.AsSpan().IndexOf("steps: 300"u8)), Flip(whole, manifest + 14), whole[..(whole.Length / 2)], whole[..(manifest - 3000)], [1, 2, 3] })
        {
            await File.WriteAllBytesAsync(damaged, broken);
            Assert.Contains("nothing was changed", await FailAsync("restore", "--from", damaged, "--logdir", _directory["target"]));
            Assert.False(Directory.Exists(_directory["target"]));
        }

        Assert.Contains("--force", await FailAsync("restore", "--from", archive, "--logdir", run.Path));
        await File.WriteAllTextAsync(run.In("note.txt"), "mine");
        await SucceedAsync("restore", "--from", archive, "--logdir", run.Path, "--force");
        Assert.False(File.Exists(run.In("note.txt")));
        Assert.True(run.Updates > 0);
        Assert.Equal(["run"], Directory.GetDirectories(_directory.Path).Select(Path.GetFileName));
    }

    private static byte[] Flip(byte[] bytes, int at)
    {
        byte[] flipped = [.. bytes];
        flipped[at] ^= 4;
        return flipped;
    }

    private static async Task AssertSameExperienceAsync(RunDirectory expected, RunDirectory actual)
    {
        var (one, other) = (await expected.ReadJournalAsync(), await actual.ReadJournalAsync());
        Assert.NotEmpty(one.Records);
        Assert.Equal(one.Records, other.Records);
        Assert.Equal(one.Chunks.SelectMany(chunk => chunk.Columns).Select(column => column.ToArray()), other.Chunks.SelectMany(chunk => chunk.Columns).Select(column => column.ToArray()));
    }

    private async Task<string> SucceedAsync(params string[] arguments)
    {
        var (code, output, errors) = await DreamerCommand.RunAsync(_directory.Path, arguments);
        Assert.True(code == 0, errors);
        return output;
    }

    private async Task<string> FailAsync(params string[] arguments)
    {
        var (code, _, errors) = await DreamerCommand.RunAsync(_directory.Path, arguments);
        Assert.NotEqual(0, code);
        return DreamerCommand.ErrorLine(errors);
    }
}
