using System.Diagnostics.Metrics;
using Dreamer.Hosting.Telemetry;

namespace Dreamer.Actor;

/// <summary>What an actor measures; the definitions are in <see cref="Instruments"/>.</summary>
internal static class ActorMetrics
{
    private static readonly Meter Meter = new("Dreamer.Actor");

    public static readonly Counter<long> PolicySteps = Meter.Counter(Instruments.PolicySteps);
    public static readonly Counter<long> EnvironmentRestarts = Meter.Counter(Instruments.EnvironmentRestarts);
    public static readonly Counter<long> PolicyRejected = Meter.Counter(Instruments.PolicyRejected);
    public static readonly Gauge<double> PolicyVersion = Meter.Gauge(Instruments.PolicyVersion);
    public static readonly Histogram<double> EnvironmentStepTime = Meter.Histogram(Instruments.EnvironmentStepTime);
    public static readonly Histogram<double> PolicyStepTime = Meter.Histogram(Instruments.PolicyStepTime);

    /// <summary>Chunks sent again, as the writer counts them.</summary>
    public static void Observe(Func<long> resent) => Meter.Counter(Instruments.ChunksResent, resent);
}
