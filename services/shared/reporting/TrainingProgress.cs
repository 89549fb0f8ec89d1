namespace Dreamer.Reporting;

/// <summary>Gathers what happens during training and turns counters into rates over the last seconds. Thread safe.</summary>
/// <param name="totalSteps">Environment steps at which training ends.</param>
/// <param name="targetTrainRatio">Replayed steps per environment step, asked for.</param>
/// <param name="clock">Source of time.</param>
public sealed class TrainingProgress(long totalSteps, double targetTrainRatio, TimeProvider clock)
{
    private const int ScoreWindow = 20;
    private static readonly TimeSpan RateWindow = TimeSpan.FromSeconds(20);

    private readonly Lock _gate = new();
    private readonly Queue<(double Score, int Length)> _episodes = new();
    private readonly Queue<(long At, long EnvSteps, long Updates)> _samples = new();
    private (long EnvSteps, long Updates, double? Ratio) _now;
    private long _episodeCount;
    private IReadOnlyList<KeyValuePair<string, double>> _losses = [];
    private string _note = "";

    /// <summary>A finished episode.</summary>
    public void AddEpisode(double score, int length)
    {
        lock (_gate)
        {
            _episodeCount++;
            _episodes.Enqueue((score, length));
            if (_episodes.Count > ScoreWindow)
            {
                _episodes.Dequeue();
            }
        }
    }

    /// <summary>Counters of the run, resumed ones included.</summary>
    /// <param name="envSteps">Environment steps so far.</param>
    /// <param name="updates">Updates so far.</param>
    /// <param name="trainRatio">Replayed steps per counted environment step so far, null before the first update.</param>
    public void Count(long envSteps, long updates, double? trainRatio)
    {
        lock (_gate)
        {
            var now = clock.GetTimestamp();
            _now = (envSteps, updates, trainRatio);
            _samples.Enqueue((now, envSteps, updates));

            // Of the samples older than the window the newest stays: it is where the window begins.
            while (_samples.Count > 2 && clock.GetElapsedTime(_samples.ElementAt(1).At, now) >= RateWindow)
            {
                _samples.Dequeue();
            }
        }
    }

    /// <summary>Newest losses, in the order to show.</summary>
    public void SetLosses(IEnumerable<KeyValuePair<string, double>> losses)
    {
        lock (_gate)
        {
            _losses = [.. losses];
        }
    }

    /// <summary>An event worth a line.</summary>
    public void Note(string text)
    {
        lock (_gate)
        {
            _note = text;
        }
    }

    /// <summary>The state of this moment.</summary>
    public TrainingSnapshot Snapshot()
    {
        lock (_gate)
        {
            var (steps, updates) = Rates();
            return new TrainingSnapshot
            {
                EnvSteps = _now.EnvSteps,
                TotalSteps = totalSteps,
                Updates = _now.Updates,
                Episodes = _episodeCount,
                Score = _episodes.Count > 0 ? _episodes.Average(episode => episode.Score) : null,
                EpisodeLength = _episodes.Count > 0 ? _episodes.Average(episode => episode.Length) : null,
                StepsPerSecond = steps,
                UpdatesPerSecond = updates,
                TrainRatio = _now.Ratio,
                TargetTrainRatio = targetTrainRatio,
                Losses = _losses,
                Remaining = steps > 0 ? TimeSpan.FromSeconds(Math.Min(Math.Max(0, totalSteps - _now.EnvSteps) / steps, 1e9)) : null,
                Note = _note,
            };
        }
    }

    private (double Steps, double Updates) Rates()
    {
        if (_samples.Count == 0)
        {
            return (0, 0);
        }

        var first = _samples.Peek();
        var seconds = clock.GetElapsedTime(first.At).TotalSeconds;
        return seconds <= 0 ? (0, 0) : ((_now.EnvSteps - first.EnvSteps) / seconds, (_now.Updates - first.Updates) / seconds);
    }
}
