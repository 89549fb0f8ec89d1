using System.Globalization;
using System.Runtime.InteropServices;

namespace Dreamer.Agents.Checkpoints;

/// <summary>
/// The checkpoints of a run, one directory each, the newest few kept. A checkpoint appears under its name only when it is
/// whole and on the disk; one that was torn later is passed over in favour of the one before.
/// </summary>
public sealed partial class CheckpointStore(string directory, int keep = 2)
{
    private const string Prefix = "update-";
    private const string Temporary = ".writing-";

    /// <summary>Writes a checkpoint for that number of updates and removes the oldest beyond the number kept.</summary>
    /// <returns>Its directory.</returns>
    /// <exception cref="CheckpointException">It could not be written; older ones are untouched.</exception>
    public string Save(long updates, Action<CheckpointWriter> fill)
    {
        var name = Prefix + updates.ToString("D12", CultureInfo.InvariantCulture);
        var target = Path.Combine(directory, name);
        var writing = Path.Combine(directory, Temporary + Guid.NewGuid().ToString("N"));
        try
        {
            foreach (var left in Directory.Exists(directory) ? Directory.GetDirectories(directory, Temporary + "*") : [])
            {
                Directory.Delete(left, recursive: true);
            }

            var writer = new CheckpointWriter();
            fill(writer);
            Directory.CreateDirectory(writing);
            writer.WriteTo(writing);
            SyncDirectory(writing);
            if (Directory.Exists(target))
            {
                // The same cut saved twice, e.g. on a timer and again at the end: the newer one takes its place.
                Directory.Move(target, Path.Combine(directory, Temporary + Guid.NewGuid().ToString("N")));
            }

            Directory.Move(writing, target);
            SyncDirectory(directory);
            foreach (var old in List().Skip(Math.Max(1, keep)).Concat(Directory.GetDirectories(directory, Temporary + "*")))
            {
                Directory.Delete(old, recursive: true);
            }

            return target;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            TryDelete(writing);
            throw new CheckpointException($"checkpoint {target} could not be written: {error.Message}; free space or choose another logdir", error);
        }
    }

    /// <summary>Opens the newest checkpoint that is whole; null when there is none at all.</summary>
    /// <param name="skipped">Told of each damaged one that was passed over.</param>
    /// <exception cref="CheckpointException">There are checkpoints, but every one is damaged.</exception>
    public CheckpointReader? OpenNewest(Action<string> skipped)
    {
        CheckpointException? last = null;
        foreach (var path in List())
        {
            try
            {
                return CheckpointReader.Open(path);
            }
            catch (CheckpointException error)
            {
                last = error;
                skipped(error.Message);
            }
        }

        return last is null ? null : throw new CheckpointException(
            $"every checkpoint in {directory} is damaged; move the directory away to start anew", last);
    }

    // Newest first.
    private string[] List() => Directory.Exists(directory)
        ? [.. Directory.GetDirectories(directory, Prefix + "*").OrderDescending(StringComparer.Ordinal)]
        : [];

    private static void TryDelete(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // What is left of a failed write is removed by the next one.
        }
    }

    // A rename is only safe from power loss once its directory is on the disk; .NET has no call for that.
    private static void SyncDirectory(string path)
    {
        var descriptor = OpenFile(path, 0);
        if (descriptor >= 0)
        {
            _ = SyncFile(descriptor);
            _ = CloseFile(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int SyncFile(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseFile(int descriptor);
}
