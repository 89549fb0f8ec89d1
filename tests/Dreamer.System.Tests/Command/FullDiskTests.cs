using Dreamer.System.Tests.Processes;

namespace Dreamer.System.Tests.Command;

/// <summary>A run whose disk fills up.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    /// <summary>
    /// The disk is a small tmpfs in a mount namespace of its own, which needs no clean-up and, as a user, no root. A container
    /// without privileges may not do that; its own /dev/shm is as small.
    /// </summary>
    [Fact]
    public async Task A_full_disk_is_one_line_and_the_checkpoint_before_it_still_plays()
    {
        var script = _directory["script"];
        await File.WriteAllTextAsync(script, """
            set -eu
            mkdir disk
            if ! mount -t tmpfs -o size=4m none disk; then
                test "$(df -m --output=size /dev/shm | tail -n 1)" -le 256
                rmdir disk
                ln -s "$(mktemp -d /dev/shm/dreamer-test-XXXXXX)" disk
                trap 'rm -r "$(readlink disk)"' EXIT
            fi
            dreamer() { dotnet "$DREAMER" "$@"; }
            train() { dreamer train --configs debug --logdir disk/run --learner.checkpoint_seconds 0.1 --learner.film_seconds 0 "$@"; }
            train --steps 300 >first.txt 2>&1
            find disk/run/checkpoints -type f -exec sha256sum {} + | sort >before.txt
            dd if=/dev/zero of=disk/filler bs=4k 2>/dev/null || true
            code=0; train --steps 100000 >second.txt 2>&1 || code=$?
            echo $code >code.txt
            sha256sum --check --quiet before.txt
            rm disk/filler
            dreamer eval --logdir disk/run --episodes 1 --json >eval.txt
            train --steps 600 >third.txt 2>&1
            """);
        var unshare = Environment.UserName == "root" ? "unshare --mount" : "unshare --mount --map-root-user";
        await using var shell = ChildProcess.Start(
            "bash", ["-c", $"if {unshare} true 2>/dev/null; then exec {unshare} bash '{script}'; else exec bash '{script}'; fi"], _directory.Path,
            new Dictionary<string, string> { ["DREAMER"] = DreamerCommand.Program, ["DREAMER__THREADS"] = "1" });

        Assert.True(await shell.ExitAsync(2 * Until.Limit) == 0, shell.Said + Written("first.txt") + Written("second.txt") + Written("third.txt"));
        Assert.Equal("1", Written("code.txt").Trim());
        var line = DreamerCommand.ErrorLine(Written("second.txt"));
        Assert.Contains("the disk is full", line);
        Assert.Contains("logdir", line);
        Assert.Contains("\"updates\":120,", Written("eval.txt"));
    }

    private string Written(string name) => File.Exists(_directory[name]) ? File.ReadAllText(_directory[name]) : "";
}
