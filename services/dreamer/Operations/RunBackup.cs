using System.Globalization;
using Dreamer.Agents.Checkpoints;
using Dreamer.Hosting;

namespace Dreamer.Operations;

/// <summary>
/// A consistent cut of a run, running or not: the newest intact checkpoint first, then the store, which so holds at least what that
/// checkpoint was trained on, as after a crash of the learner at that moment. Secrets and locks stay out.
/// </summary>
/// <param name="logdir">Full path of the run.</param>
/// <param name="redis">Directory of Redis' files where they are not those of <c>dreamer up</c>; null for those.</param>
internal sealed class RunBackup(string logdir, string? redis)
{
    private const int Attempts = 10;

    /// <summary>Writes the archive.</summary>
    /// <exception cref="UserErrorException">The run cannot be read, or the archive is there already.</exception>
    public (BackupManifest Manifest, long Bytes) Write(string path, bool overwrite)
    {
        path = Path.GetFullPath(path);
        if (!File.Exists(Path.Combine(logdir, "config.yaml")))
        {
            throw new UserErrorException($"--logdir: {logdir} holds no config.yaml; name the directory of a run", ExitCode.Usage);
        }

        if (path.StartsWith(logdir + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new UserErrorException($"--out: {path} lies in the run itself; write it elsewhere", ExitCode.Usage);
        }

        if (File.Exists(path) && !overwrite)
        {
            throw new UserErrorException($"--out: {path} is there already; --force replaces it");
        }

        // Keeps writers out of a run that stands still. One that runs goes on.
        using var held = RunLock.TryTake(logdir);
        var staging = path + ".checkpoint";
        try
        {
            using var archive = new BackupArchive(path);
            var updates = AddCheckpoint(archive, staging);
            AddJournal(archive);
            AddRedis(archive);
            foreach (var file in Directory.EnumerateFiles(logdir, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                var name = Path.GetRelativePath(logdir, file).Replace('\\', '/');
                if (IsPlain(name))
                {
                    archive.Add(name, file);
                }
            }

            return (archive.Finish(updates, running: held is null, overwrite), archive.Bytes);
        }
        finally
        {
            if (Directory.Exists(staging))
            {
                Directory.Delete(staging, recursive: true);
            }
        }
    }

    private static bool IsPlain(string name) =>
        name != ".lock" && !name.EndsWith(".tmp", StringComparison.Ordinal)
        && !new[] { "checkpoints/", "replay/", "up/" }.Any(part => name.StartsWith(part, StringComparison.Ordinal));

    // A learner that saves meanwhile removes old ones: it is copied first, and counts when the copy is whole.
    private long AddCheckpoint(BackupArchive archive, string staging)
    {
        var directory = Path.Combine(logdir, "checkpoints");
        var reason = "";
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var all = Directory.Exists(directory) ? Directory.GetDirectories(directory, "update-*").OrderDescending(StringComparer.Ordinal).ToArray() : [];
            if (all.Length == 0)
            {
                return -1;
            }

            foreach (var checkpoint in all)
            {
                try
                {
                    Directory.CreateDirectory(staging);
                    foreach (var file in Directory.GetFiles(checkpoint))
                    {
                        File.Copy(file, Path.Combine(staging, Path.GetFileName(file)), overwrite: true);
                    }

                    CheckpointReader.Open(staging).Dispose();
                    foreach (var file in Directory.GetFiles(staging).Order(StringComparer.Ordinal))
                    {
                        archive.Add($"checkpoints/{Path.GetFileName(checkpoint)}/{Path.GetFileName(file)}", file);
                    }

                    return long.Parse(Path.GetFileName(checkpoint).Split('-')[1], CultureInfo.InvariantCulture);
                }
                catch (Exception error) when (error is CheckpointException or IOException)
                {
                    reason = error.Message;
                }
            }
        }

        throw new UserErrorException($"--logdir: no checkpoint in {directory} could be copied: {reason}");
    }

    // Oldest segment first: what is evicted meanwhile is missing at the front, what is written at the end.
    private void AddJournal(BackupArchive archive)
    {
        var journal = Path.Combine(logdir, "replay");
        if (Directory.Exists(journal))
        {
            archive.Add("replay/meta", Path.Combine(journal, "meta"));
            foreach (var segment in Directory.GetFiles(journal, "*.segment").Order(StringComparer.Ordinal))
            {
                archive.Add($"replay/{Path.GetFileName(segment)}", segment);
            }
        }
    }

    private void AddRedis(BackupArchive archive)
    {
        if (redis is not null)
        {
            AddAppendOnlyFiles(archive, "up/redis", redis);
            return;
        }

        var up = Path.Combine(logdir, "up");
        foreach (var directory in Directory.Exists(up) ? Directory.GetDirectories(up, "redis*").Order(StringComparer.Ordinal).ToArray() : [])
        {
            AddAppendOnlyFiles(archive, $"up/{Path.GetFileName(directory)}", directory);
        }
    }

    // Redis appends to the last file and, when it rewrites, begins new ones and then a new manifest: with all files of one manifest open
    // nothing can be missing, whatever is deleted meanwhile.
    private static void AddAppendOnlyFiles(BackupArchive archive, string name, string directory)
    {
        var folder = Path.Combine(directory, "appendonlydir");
        for (var attempt = 0; Directory.Exists(folder) && Directory.GetFiles(folder, "*.manifest").FirstOrDefault() is { } manifest; attempt++)
        {
            var text = File.ReadAllText(manifest);
            var parts = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' '))
                .Where(words => words is ["file", _, "seq", _, "type", "b" or "i", ..]).Select(words => words[1]).ToArray();
            var open = new List<FileStream>();
            try
            {
                foreach (var part in parts)
                {
                    open.Add(new FileStream(Path.Combine(folder, part), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
                }

                if (File.ReadAllText(manifest) == text)
                {
                    archive.Add($"{name}/appendonlydir/{Path.GetFileName(manifest)}", manifest);
                    foreach (var (part, file) in parts.Zip(open))
                    {
                        archive.Add($"{name}/appendonlydir/{part}", file);
                    }

                    return;
                }
            }
            catch (FileNotFoundException) when (attempt < Attempts)
            {
                // Rewritten between the two looks.
            }
            finally
            {
                open.ForEach(file => file.Dispose());
            }
        }
    }
}
