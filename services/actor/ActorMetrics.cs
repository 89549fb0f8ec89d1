using System.Diagnostics;
using System.Diagnostics.Metrics;
using Dreamer.Hosting.Telemetry;

namespace Dreamer.Actor;

/// <summary>What an actor measures; the definitions are in <see cref="Instruments"/>.</summary>
internal static class ActorMetrics
{
    /// <summary>Spans of an actor.</summary>
    public static readonly ActivitySource Traces = new("Dreamer.Actor");

    private static readonly Meter Meter = new("Dreamer.Actor");

    private static long policyArrival = Stopwatch.GetTimestamp();

    public static readonly Counter<long> EnvSteps = Meter.Counter(Instruments.EnvSteps);
    public static readonly Counter<long> PolicySteps = Meter.Counter(Instruments.PolicySteps);
    public static readonly Counter<long> EnvironmentRestarts = Meter.Counter(Instruments.EnvironmentRestarts);
    public static readonly Counter<long> PolicyRejected = Meter.Counter(Instruments.PolicyRejected);
    public static readonly ObservableGauge<double> PolicyAge =
        Meter.Gauge(Instruments.PolicyAge, () => Stopwatch.GetElapsedTime(Interlocked.Read(ref policyArrival)).TotalSeconds);
    private static readonly Gauge<double> PolicyVersion = Meter.Gauge(Instruments.PolicyVersion);
    public static readonly Histogram<double> EnvironmentStepTime = Meter.Histogram(Instruments.EnvironmentStepTime);
    public static readonly Histogram<double> PolicyStepTime = Meter.Histogram(Instruments.PolicyStepTime);
    public static readonly Histogram<double> WriteTime = Meter.Histogram(Instruments.WriteTime);
    public static readonly Histogram<double> AckTime = Meter.Histogram(Instruments.AckTime);
    public static readonly Histogram<double> SwapTime = Meter.Histogram(Instruments.SwapTime);

    /// <summary>New weights are in use from now.</summary>
    public static void UsePolicy(long version)
    {
        Interlocked.Exchange(ref policyArrival, Stopwatch.GetTimestamp());
        PolicyVersion.Record(version);
    }

    /// <summary>Chunks sent again, bytes kept and bytes not accepted yet, as the writer counts them.</summary>
    public static void Observe(Func<long> resent, Func<long> kept, Func<long> pending)
    {
        Meter.Counter(Instruments.ChunksResent, resent);
        Meter.Gauge(Instruments.ActorBuffered, () => kept());
        Meter.Gauge(Instruments.ActorPending, () => pending());
    }
}
