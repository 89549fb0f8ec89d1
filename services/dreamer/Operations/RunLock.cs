namespace Dreamer.Operations;

/// <summary>The locks by which the writers of a logdir keep each other out: the learner's and the journal's.</summary>
internal sealed class RunLock : IDisposable
{
    private readonly List<FileStream> _held = [];

    /// <summary>Whether somebody writes to the run.</summary>
    public static bool IsHeld(string logdir)
    {
        using var attempt = TryTake(logdir);
        return attempt is null;
    }

    /// <summary>Keeps writers out until it is disposed; null where one is there.</summary>
    public static RunLock? TryTake(string logdir)
    {
        var taken = new RunLock();
        foreach (var path in new[] { Path.Combine(logdir, ".lock"), Path.Combine(logdir, "replay", "lock") }.Where(File.Exists))
        {
            try
            {
                taken._held.Add(new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException)
            {
                taken.Dispose();
                return null;
            }
        }

        return taken;
    }

    public void Dispose() => _held.ForEach(file => file.Dispose());
}
