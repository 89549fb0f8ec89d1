using System.Diagnostics;
using System.Diagnostics.Metrics;
using Dreamer.Hosting.Telemetry;

namespace Dreamer.Learner;

/// <summary>What the learner measures; the definitions are in <see cref="Instruments"/>.</summary>
internal static class LearnerMetrics
{
    /// <summary>Spans of the learner.</summary>
    public static readonly ActivitySource Traces = new("Dreamer.Learner");

    private static readonly Meter Meter = new("Dreamer.Learner");

    private static long saved = Stopwatch.GetTimestamp();

    /// <summary>Episodes by actors whose experience is trained on.</summary>
    public static readonly KeyValuePair<string, object?> Training = new("role", "train");

    /// <summary>Episodes by evaluation actors.</summary>
    public static readonly KeyValuePair<string, object?> Evaluation = new("role", "eval");

    public static readonly Counter<long> Updates = Meter.Counter(Instruments.Updates);
    public static readonly Counter<long> ChunksMissing = Meter.Counter(Instruments.ChunksMissing);
    public static readonly Counter<long> Episodes = Meter.Counter(Instruments.Episodes);
    public static readonly Gauge<double> EpisodeScore = Meter.Gauge(Instruments.EpisodeScore);
    public static readonly Gauge<double> EpisodeLength = Meter.Gauge(Instruments.EpisodeLength);
    public static readonly Gauge<double> Loss = Meter.Gauge(Instruments.Loss);
    public static readonly Gauge<double> PolicyVersion = Meter.Gauge(Instruments.PolicyVersion);
    public static readonly Gauge<double> PrefetchDepth = Meter.Gauge(Instruments.PrefetchDepth);
    public static readonly Histogram<double> Wait = Meter.Histogram(Instruments.LearnerWait);
    public static readonly Histogram<double> PlanTime = Meter.Histogram(Instruments.PlanTime);
    public static readonly Histogram<double> FetchTime = Meter.Histogram(Instruments.FetchTime);
    public static readonly Histogram<double> UpdateTime = Meter.Histogram(Instruments.UpdateTime);
    public static readonly Histogram<double> PublishTime = Meter.Histogram(Instruments.PublishTime);
    public static readonly Histogram<double> CheckpointTime = Meter.Histogram(Instruments.CheckpointTime);
    public static readonly ObservableGauge<double> CheckpointAge =
        Meter.Gauge(Instruments.CheckpointAge, () => Stopwatch.GetElapsedTime(Interlocked.Read(ref saved)).TotalSeconds);

    /// <summary>A checkpoint has been written.</summary>
    public static void Saved() => Interlocked.Exchange(ref saved, Stopwatch.GetTimestamp());
}
