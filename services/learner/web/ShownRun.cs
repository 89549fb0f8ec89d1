using Dreamer.Hosting.Configuration;
using Dreamer.Reporting;

namespace Dreamer.Learner.Web;

/// <summary>A run on the page: its logdir, and its process where that serves the page. Thread safe.</summary>
public sealed class ShownRun
{
    private const int MostSiblings = 12;
    private readonly MetricsReader _metrics;
    private readonly Lock _reading = new();

    /// <param name="logdir">Directory of the run.</param>
    /// <param name="facts">What it is.</param>
    /// <param name="live">Its process; null when another one writes the logdir, or none.</param>
    public ShownRun(string logdir, RunFacts facts, LiveRun? live = null)
    {
        (Logdir, Facts, Live) = (Path.TrimEndingDirectorySeparator(Path.GetFullPath(logdir)), facts, live);
        _metrics = new MetricsReader(Path.Combine(Logdir, "metrics.jsonl"));
    }

    /// <summary>Full path.</summary>
    public string Logdir { get; }

    public RunFacts Facts { get; }

    public LiveRun? Live { get; }

    /// <summary>Name of the directory.</summary>
    public string Name => Path.GetFileName(Logdir);

    /// <summary>The same task and agent from other seeds, in directories beside this one.</summary>
    public IReadOnlyList<ShownRun> Siblings()
    {
        var found = new List<ShownRun>();
        var beside = Path.GetDirectoryName(Logdir) is { } parent ? Directory.GetDirectories(parent, $"*{Facts.Agent}*").Order(StringComparer.Ordinal) : Enumerable.Empty<string>();
        foreach (var directory in beside.Where(directory => directory != Logdir && File.Exists(Path.Combine(directory, "metrics.jsonl"))).Take(10 * MostSiblings))
        {
            try
            {
                var facts = RunFacts.Read(directory);
                if (facts.Seed != Facts.Seed && (facts.Task, facts.Agent) == (Facts.Task, Facts.Agent))
                {
                    found.Add(new ShownRun(directory, facts));
                }
            }
            catch (Exception unreadable) when (unreadable is ConfigurationException or IOException or UnauthorizedAccessException)
            {
                // Of another release, or not ours to read: not a seed of this run.
            }
        }

        return [.. found.Take(MostSiblings)];
    }

    /// <summary>Reads what the run has written since, and looks at it while nobody else does.</summary>
    public T Read<T>(Func<MetricsReader, T> look)
    {
        lock (_reading)
        {
            _metrics.Refresh();
            return look(_metrics);
        }
    }

    /// <summary>Time of the newest line of metrics; null before the first.</summary>
    public DateTimeOffset? Written
    {
        get
        {
            var file = new FileInfo(Path.Combine(Logdir, "metrics.jsonl"));
            return file.Exists && file.Length > 0 ? file.LastWriteTimeUtc : null;
        }
    }

    /// <summary>Pictures of the run, oldest first.</summary>
    public IEnumerable<Picture> Pictures() => Directory.Exists(Reports)
        ? Directory.EnumerateFiles(Reports).Select(path => Picture.Of(Path.GetFileName(path))).OfType<Picture>().OrderBy(picture => picture.Step)
        : [];

    /// <summary>The path of a picture; null where there is none of that name.</summary>
    public string? PathOf(string file) =>
        Picture.Of(file) is not null && Path.Combine(Reports, file) is var path && File.Exists(path) ? path : null;

    private string Reports => Path.Combine(Logdir, "reports");
}
