using Dreamer.Reporting.TensorBoard;
using Dreamer.Spaces;

namespace Dreamer.Reporting;

/// <summary>
/// The directory of one run: <c>config.yaml</c>, <c>metrics.jsonl</c>, <c>scores.jsonl</c>, TensorBoard's event files, <c>checkpoints/</c>
/// and <c>reports/</c>. Opening it takes a lock that ends with the process; writing appends, so the same directory resumes.
/// </summary>
public sealed class Logdir : IDisposable
{
    // EAGAIN on Linux and on macOS, ERROR_SHARING_VIOLATION on Windows.
    private static readonly int[] SharingViolations = [11, 35, unchecked((int)0x80070020)];

    private readonly FileStream _lock;
    private readonly JsonLines _metrics;
    private readonly JsonLines _scores;
    private readonly EventFile? _events;

    private Logdir(string path, FileStream theLock, TimeProvider? events)
    {
        Path = path;
        _lock = theLock;
        _events = events is null ? null : new EventFile(path, events);
        _metrics = new JsonLines(System.IO.Path.Combine(path, "metrics.jsonl"));
        _scores = new JsonLines(System.IO.Path.Combine(path, "scores.jsonl"));
    }

    /// <summary>Full path.</summary>
    public string Path { get; }

    /// <summary>The resolved configuration of the run.</summary>
    public string ConfigFile => System.IO.Path.Combine(Path, "config.yaml");

    /// <summary>Directory of the learner's checkpoints.</summary>
    public string Checkpoints => System.IO.Path.Combine(Path, "checkpoints");

    /// <summary>Directory of pictures.</summary>
    public string Reports => System.IO.Path.Combine(Path, "reports");

    /// <summary>Creates the directory where needed, drops torn last lines and takes the lock.</summary>
    /// <param name="path">Of the run.</param>
    /// <param name="events">Clock of TensorBoard's event files; null writes none.</param>
    /// <exception cref="LogdirInUseException">Another process holds it.</exception>
    public static Logdir Open(string path, TimeProvider? events = null)
    {
        path = System.IO.Path.GetFullPath(path);
        Directory.CreateDirectory(path);
        Directory.CreateDirectory(System.IO.Path.Combine(path, "checkpoints"));
        Directory.CreateDirectory(System.IO.Path.Combine(path, "reports"));
        FileStream theLock;
        try
        {
            theLock = new FileStream(System.IO.Path.Combine(path, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error) when (SharingViolations.Contains(error.HResult))
        {
            throw new LogdirInUseException(path, error);
        }

        try
        {
            return new Logdir(path, theLock, events);
        }
        catch
        {
            theLock.Dispose();
            throw;
        }
    }

    /// <summary>Replaces <c>config.yaml</c> in one step.</summary>
    public void WriteConfig(string yaml)
    {
        File.WriteAllText(ConfigFile + ".tmp", yaml);
        File.Move(ConfigFile + ".tmp", ConfigFile, overwrite: true);
    }

    /// <summary>Appends one line of metrics. Thread safe.</summary>
    /// <param name="envStep">Environment steps so far; written as <c>step</c>.</param>
    /// <param name="metrics">Name to value, names as <c>train/loss/dyn</c>; what is not finite is written as null.</param>
    public void WriteMetrics(long envStep, IReadOnlyCollection<KeyValuePair<string, double>> metrics)
    {
        _metrics.Append(envStep, metrics);
        _events?.AddScalars(envStep, metrics);
    }

    /// <summary>Appends a finished episode to <c>metrics.jsonl</c> and its score to <c>scores.jsonl</c>. Thread safe.</summary>
    /// <param name="envStep">Environment steps so far.</param>
    /// <param name="score">Undiscounted sum of rewards.</param>
    /// <param name="length">Agent steps.</param>
    /// <param name="facts">What the environment told of it; written to <c>metrics.jsonl</c> as <c>episode/NAME</c>.</param>
    public void WriteEpisode(long envStep, double score, int length, params IReadOnlyList<EpisodeFact> facts)
    {
        WriteMetrics(envStep,
        [
            new("episode/score", score), new("episode/length", length),
            .. facts.Select(fact => new KeyValuePair<string, double>($"episode/{fact.Name}", fact.Value)),
        ]);
        _scores.Append(envStep, [new("episode/score", score)]);
    }

    /// <summary>Appends an episode that was played for its score alone to <c>metrics.jsonl</c>. Thread safe.</summary>
    /// <param name="envStep">Environment steps when its policy was published; lines of earlier steps may follow later ones.</param>
    /// <param name="score">Undiscounted sum of rewards.</param>
    /// <param name="length">Agent steps.</param>
    /// <param name="policyVersion">Its policy.</param>
    /// <param name="facts">What the environment told of it; written as <c>eval/NAME</c>.</param>
    public void WriteEvaluation(long envStep, double score, int length, long policyVersion, params IReadOnlyList<EpisodeFact> facts) =>
        WriteMetrics(envStep,
        [
            new("eval/score", score), new("eval/length", length), new("eval/policy_version", policyVersion),
            .. facts.Select(fact => new KeyValuePair<string, double>($"eval/{fact.Name}", fact.Value)),
        ]);

    /// <summary>Writes a still (PNG) or a film (GIF) below <see cref="Reports"/> as <c>NAME-STEP</c>, slashes in the name as underscores.</summary>
    /// <param name="envStep">Environment steps so far.</param>
    /// <param name="name">What it shows, e.g. <c>openloop/image</c>.</param>
    /// <param name="frames">One for a still.</param>
    /// <param name="framesPerSecond">Of a film.</param>
    public void WritePicture(long envStep, string name, IReadOnlyList<Raster> frames, double framesPerSecond)
    {
        var still = frames.Count == 1;
        var file = still ? PngEncoder.Encode(frames[0]) : GifEncoder.Encode(frames, framesPerSecond);
        WriteReport($"{name.Replace('/', '_')}-{envStep:d9}.{(still ? "png" : "gif")}", file);
        _events?.AddImage(envStep, still ? name : $"{name}/film", frames[0], file);
    }

    /// <summary>Deletes all but the newest pictures of a name.</summary>
    public void PrunePictures(string name, int keep)
    {
        foreach (var old in Directory.GetFiles(Reports, $"{name.Replace('/', '_')}-*").Order(StringComparer.Ordinal).SkipLast(keep))
        {
            File.Delete(old);
        }
    }

    /// <summary>Writes a picture below <see cref="Reports"/> in one step and returns its path.</summary>
    public string WriteReport(string fileName, ReadOnlySpan<byte> content)
    {
        var path = System.IO.Path.Combine(Reports, fileName);
        File.WriteAllBytes(path + ".tmp", content);
        File.Move(path + ".tmp", path, overwrite: true);
        return path;
    }

    public void Dispose()
    {
        _metrics.Dispose();
        _scores.Dispose();
        _events?.Dispose();
        _lock.Dispose();
    }
}
