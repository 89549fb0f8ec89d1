using System.Text.Json;
using Dreamer.System.Tests.Processes;

namespace Dreamer.System.Tests.Operations;

/// <summary>The operator's commands on a run of <c>dreamer up</c>, found by its logdir.</summary>
public sealed class UpOperationsTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Status_backup_drain_and_restore_need_the_logdir_only()
    {
        var run = new RunDirectory(_directory["run"]);
        await using (var up = Start(run))
        {
            await Until.HoldsAsync("20 updates and a checkpoint", () => run.LoggedUpdates >= 20 && run.Checkpoints.Length > 0, () => up.Said);
            await Until.HoldsAsync("an evaluated policy", () => run.Lines("metrics.jsonl").Any(line => line.TryGetProperty("eval/score", out _)), () => up.Said);
            var status = JsonDocument.Parse(await SucceedAsync("status", "--logdir", run.Path, "--json")).RootElement;
            Assert.True(status.GetProperty("running").GetBoolean());
            Assert.True(status.GetProperty("updates").GetInt64() >= 20);
            Assert.InRange(status.GetProperty("actors").GetArrayLength(), 1, 2);
            Assert.Contains("learner attached", await SucceedAsync("status", "--logdir", run.Path));
            Assert.Contains("goes on", await SucceedAsync("backup", "--logdir", run.Path, "--out", _directory["live.tar"]));

            Assert.Contains("steps are durable, the learner saved", await SucceedAsync("drain", "--logdir", run.Path));
            Assert.True(await up.ExitAsync() == 0, up.Said);
            Assert.DoesNotContain("gave up", up.Said);
        }

        await SucceedAsync("backup", "--logdir", run.Path, "--out", _directory["still.tar"]);
        await SucceedAsync("restore", "--from", _directory["still.tar"], "--logdir", _directory["still"]);
        await SucceedAsync("restore", "--from", _directory["live.tar"], "--logdir", _directory["live"]);
        var (still, live) = (new RunDirectory(_directory["still"]), new RunDirectory(_directory["live"]));
        Assert.DoesNotContain(Directory.GetFiles(still.Path, "*", SearchOption.AllDirectories), file => file.EndsWith("token", StringComparison.Ordinal) || file.EndsWith("password", StringComparison.Ordinal));

        var (original, copy, cut) = (await ReadAsync(run), await ReadAsync(still), await ReadAsync(live));
        Assert.Equal(original.Records, copy.Records);
        Assert.Equal(original.Chunks.SelectMany(chunk => chunk.Columns).Select(column => column.ToArray()), copy.Chunks.SelectMany(chunk => chunk.Columns).Select(column => column.ToArray()));
        Assert.Equal(File.ReadAllBytes(Path.Combine(run.Checkpoints[^1], "tensors.safetensors")), File.ReadAllBytes(Path.Combine(still.Checkpoints[^1], "tensors.safetensors")));
        Assert.Equal(original.Records.Take(cut.Records.Count), cut.Records);
        Assert.True(cut.Steps >= live.Steps);

        // What the run logged after the cut came along: the resumed one passes it again.
        var updates = live.LoggedUpdates;
        await using var resumed = Start(live);
        await Until.HoldsAsync("20 updates more", () => live.LoggedUpdates >= updates + 20, () => resumed.Said);
        resumed.InterruptSession();
        Assert.True(await resumed.ExitAsync() == 130, resumed.Said);
        (await ReadAsync(live)).Audit();
    }

    [Fact]
    public async Task Without_a_run_the_commands_name_the_flag()
    {
        foreach (var command in new[] { "status", "drain" })
        {
            var (code, _, errors) = await DreamerCommand.RunAsync(_directory.Path, command);
            Assert.Equal(2, code);
            Assert.Contains("--logdir", DreamerCommand.ErrorLine(errors));
            (code, _, errors) = await DreamerCommand.RunAsync(_directory.Path, command, "--replay", FreePorts.Take(1)[0]);
            Assert.Equal(1, code);
            Assert.Contains("replay.address", DreamerCommand.ErrorLine(errors));
        }
    }

    private ChildProcess Start(RunDirectory run) => ChildProcess.Start(
        "setsid",
        [
            "dotnet", DreamerCommand.Program, "up", "--actors", "2", "--eval", "1", "--configs", "debug", "--env", "fake", "--steps", "1000000000", "--limiter.train_ratio", "1",
            "--learner.log_seconds", "0.1", "--learner.checkpoint_seconds", "1", "--eval.episodes", "1", "--logdir", run.Path,
        ],
        _directory.Path,
        new Dictionary<string, string> { ["DREAMER__THREADS"] = "1" });

    private async Task<string> SucceedAsync(params string[] arguments)
    {
        var (code, output, errors) = await DreamerCommand.RunAsync(_directory.Path, arguments);
        Assert.True(code == 0, errors);
        return output;
    }

    private async Task<StoredExperience> ReadAsync(RunDirectory run)
    {
        await using var redis = new RedisProcess(FreePorts.Take(1)[0], run.In("up/redis"));
        await redis.StartAsync();
        await File.WriteAllTextAsync(_directory["password"], RedisProcess.Password);
        return await StoredExperience.ReadAsync(redis, _directory["password"]);
    }
}
