using System.Net;
using System.Text.Json;
using Dreamer.System.Tests.Processes;

namespace Dreamer.System.Tests.Services;

/// <summary><c>dreamer up</c>: the topology as children of one command.</summary>
public sealed class UpTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Trains_to_the_end_and_leaves_no_process(bool tls)
    {
        var run = new RunDirectory(_directory["run"]);
        await using var up = Start(run, ["--steps", "400", .. tls ? ["--tls"] : Array.Empty<string>()]);

        Assert.True(await up.ExitAsync() == 0, up.Said);
        Assert.Equal(400 * 32 / 80, run.Updates);
        Assert.NotEmpty(run.Lines("scores.jsonl"));
        AssertChildrenGone(run, actors: 2);
        Assert.Equal(tls, File.Exists(run.In("up/tls/server.crt")));
        Assert.All(Directory.GetFiles(run.In("up")).Where(IsSecret), file =>
            Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite), file));

        static bool IsSecret(string file) => Path.GetExtension(file) is ".token" or ".password" or ".acl" or ".conf";
    }

    [Fact]
    public async Task Ctrl_C_ends_everything_and_the_same_command_resumes_with_all_steps()
    {
        var run = new RunDirectory(_directory["run"]);
        string[] settings = ["--env", "fake", "--steps", "1000000000", "--limiter.train_ratio", "1", "--learner.log_seconds", "0.1"];
        await using (var first = Start(run, settings))
        {
            await Until.HoldsAsync("20 updates", () => run.LoggedUpdates >= 20, () => first.Said);
            await PageTellsOfActorsAsync(first);
            first.InterruptSession();
            Assert.True(await first.ExitAsync() == 130, first.Said);
            AssertChildrenGone(run, actors: 2);
        }

        var (updates, steps) = (run.Updates, run.Steps);
        Assert.True(updates >= 20);
        var before = await ReadAsync(run);
        Assert.True(before.Steps >= steps);
        await using (var second = Start(run, settings))
        {
            await Until.HoldsAsync("20 updates more", () => run.LoggedUpdates >= updates + 20, () => second.Said);
            second.InterruptSession();
            Assert.True(await second.ExitAsync() == 130, second.Said);
            AssertChildrenGone(run, actors: 2);
        }

        Assert.True(run.Updates >= updates + 20);
        var after = await ReadAsync(run);
        Assert.Equal(before.Records, after.Records.Take(before.Records.Count));

        // Each run adds a stream per actor that had begun to act when it was interrupted.
        var begun = before.Audit().Count;
        Assert.InRange(begun, 1, 2);
        Assert.InRange(after.Audit().Count, begun + 1, begun + 2);
    }

    [Fact]
    public async Task Killed_it_leaves_no_process()
    {
        var run = new RunDirectory(_directory["run"]);
        await using var up = Start(run, "--env", "fake", "--steps", "1000000000");
        await Until.HoldsAsync("an update", () => run.LoggedUpdates >= 1, () => up.Said);
        string[] children = [];
        await Until.HoldsAsync(
            "five processes are noted",
            () => (children = [.. Directory.GetFiles(run.In("up"), "*.pid").Select(File.ReadAllText).Where(process => process.EndsWith('\n')).Select(process => $"/proc/{process.Trim()}")]).Length == 5,
            () => up.Said);
        await up.KillAsync();
        await Until.HoldsAsync("every child has ended", () => !Array.Exists(children, Directory.Exists), () => up.Said);
    }

    private ChildProcess Start(RunDirectory run, params string[] settings) => ChildProcess.Start(
        "setsid", ["dotnet", DreamerCommand.Program, "up", "--actors", "2", "--configs", "debug", "--logdir", run.Path, .. settings], _directory.Path,
        new Dictionary<string, string> { ["DREAMER__THREADS"] = "1" });

    /// <summary>The page whose address the learner tells shows what the replay service knows.</summary>
    private static async Task PageTellsOfActorsAsync(ChildProcess up)
    {
        const string Told = "watch this run at http://";
        await up.SaysAsync(Told);
        var address = up.Errors[(up.Errors.IndexOf(Told, StringComparison.Ordinal) + Told.Length)..].Split('/')[0];
        string[] names = [];
        await Until.HoldsAsync(
            "the page names both actors",
            async () =>
            {
                var (status, body) = await Health.GetAsync(address, "/api/runs/0/now");
                if (status != HttpStatusCode.OK)
                {
                    return false;
                }

                var now = JsonDocument.Parse(body).RootElement;
                names = now.GetProperty("actors").ValueKind == JsonValueKind.Array ? [.. now.GetProperty("actors").EnumerateArray().Select(actor => actor.GetProperty("name").GetString()!)] : [];
                return names.Length == 2 && now.GetProperty("replay").GetProperty("inserted_steps").GetInt64() > 0;
            },
            () => up.Said);
        Assert.Equal(["actor-0", "actor-1"], names);
    }

    private static void AssertChildrenGone(RunDirectory run, int actors)
    {
        var files = Directory.GetFiles(run.In("up"), "*.pid");
        Assert.Equal(3 + actors, files.Length);
        Assert.All(files, file => Assert.False(Directory.Exists($"/proc/{File.ReadAllText(file).Trim()}"), file));
    }

    /// <summary>What the run's Redis left on its disk.</summary>
    private async Task<StoredExperience> ReadAsync(RunDirectory run)
    {
        await using var redis = new RedisProcess(FreePorts.Take(1)[0], run.In("up/redis"));
        await redis.StartAsync();
        await File.WriteAllTextAsync(_directory["password"], RedisProcess.Password);
        return await StoredExperience.ReadAsync(redis, _directory["password"]);
    }
}
