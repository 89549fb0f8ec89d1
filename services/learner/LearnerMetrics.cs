using System.Diagnostics.Metrics;

namespace Dreamer.Learner;

/// <summary>What the learner counts. Names are listed in <c>docs/telemetry.md</c>.</summary>
internal static class LearnerMetrics
{
    private static readonly Meter Meter = new("Dreamer.Learner");

    public static readonly Counter<long> Updates = Meter.CreateCounter<long>("dreamer.learner.updates", "{update}", "Gradient updates");
    public static readonly Counter<long> ReplayedSteps = Meter.CreateCounter<long>("dreamer.learner.replayed_steps", "{step}", "Steps trained on");
    public static readonly Counter<long> MissingChunks = Meter.CreateCounter<long>("dreamer.learner.missing_chunks", "{chunk}", "Planned chunks that were gone from the store");
    public static readonly Histogram<double> UpdateSeconds = Meter.CreateHistogram<double>("dreamer.learner.update.duration", "s", "One gradient update");
    public static readonly Histogram<double> WaitSeconds = Meter.CreateHistogram<double>("dreamer.learner.wait.duration", "s", "Waiting for a batch");
    public static readonly Counter<long> Checkpoints = Meter.CreateCounter<long>("dreamer.learner.checkpoints", "{checkpoint}", "Checkpoints written");
    public static readonly Counter<long> Publications = Meter.CreateCounter<long>("dreamer.learner.publications", "{version}", "Weight versions published");
}
