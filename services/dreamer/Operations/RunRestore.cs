using System.Formats.Tar;
using System.Security.Cryptography;
using Dreamer.Hosting;

namespace Dreamer.Operations;

/// <summary>Brings a backup back: all of it is checked first, and the run appears under its name only when it is whole.</summary>
/// <param name="path">The archive.</param>
internal sealed class RunRestore(string path)
{
    /// <summary>Reads the whole archive and compares it with its manifest.</summary>
    /// <exception cref="UserErrorException">It is damaged; nothing was changed.</exception>
    public BackupManifest Check()
    {
        try
        {
            var found = new Dictionary<string, BackupManifest.Entry>(StringComparer.Ordinal);
            BackupManifest? manifest = null;
            foreach (var (name, data) in Entries())
            {
                if (name == BackupManifest.Name)
                {
                    manifest = BackupManifest.Read(data);
                    continue;
                }

                if (manifest is not null || !IsSafe(name) || !found.TryAdd(name, new BackupManifest.Entry(name, data.Length, Convert.ToHexStringLower(SHA256.HashData(data)))))
                {
                    throw new InvalidDataException($"it holds '{name}' where nothing of the kind belongs");
                }
            }

            if (manifest is null)
            {
                throw new InvalidDataException($"its end with {BackupManifest.Name} is missing");
            }

            foreach (var entry in manifest.Files)
            {
                if (!found.Remove(entry.Path, out var file) || file != entry)
                {
                    throw new InvalidDataException($"{entry.Path} is {(file is null ? "missing" : "not what was saved")}");
                }
            }

            return found.Count == 0 ? manifest : throw new InvalidDataException($"{found.Keys.First()} is not in its manifest");
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw new UserErrorException($"{path} is damaged: {error.Message}; nothing was changed, use another backup", cause: error);
        }
    }

    /// <summary>Checks the archive, then makes the run.</summary>
    /// <param name="logdir">Full path of the run to be.</param>
    /// <param name="overwrite">Replace a run that is there and not in use.</param>
    /// <exception cref="UserErrorException">It is damaged, or the place is taken; nothing was changed.</exception>
    public BackupManifest Extract(string logdir, bool overwrite)
    {
        var manifest = Check();
        var taken = Directory.Exists(logdir) && Directory.EnumerateFileSystemEntries(logdir).Any();
        if (taken && !overwrite)
        {
            throw new UserErrorException($"--logdir: {logdir} is not empty; name another directory, or --force replaces what is there");
        }

        using var held = taken ? RunLock.TryTake(logdir) : null;
        if (taken && held is null)
        {
            throw new UserErrorException($"--logdir: a process writes to {logdir}; end it first");
        }

        var writing = logdir + ".restoring";
        var replaced = logdir + ".replaced";
        Remove(writing);
        foreach (var (name, data) in Entries().Where(entry => entry.Name != BackupManifest.Name))
        {
            var target = Path.Combine(writing, name);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            using var file = new FileStream(target, FileMode.CreateNew);
            data.CopyTo(file);
            file.Flush(flushToDisk: true);
        }

        Remove(replaced);
        if (Directory.Exists(logdir))
        {
            Directory.Move(logdir, replaced);
        }

        Directory.Move(writing, logdir);
        Remove(replaced);
        return manifest;
    }

    private IEnumerable<(string Name, Stream Data)> Entries()
    {
        using var file = OpenArchive();
        using var tar = new TarReader(file);
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile))
            {
                throw new InvalidDataException($"'{entry.Name}' is no plain file");
            }

            yield return (entry.Name, entry.DataStream ?? Stream.Null);
        }
    }

    private FileStream OpenArchive()
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"--from: {path} cannot be read: {error.Message}", ExitCode.Usage, error);
        }
    }

    private static bool IsSafe(string name) =>
        name.Length > 0 && !name.Contains('\\') && !name.Contains(':') && name.Split('/').All(part => part is not ("" or "." or ".."));

    private static void Remove(string directory)
    {
        if (Directory.Exists(directory))
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
