using System.Diagnostics.Metrics;

namespace Dreamer.Actor;

/// <summary>What an actor counts. Names are listed in <c>docs/telemetry.md</c>.</summary>
internal static class ActorMetrics
{
    private static readonly Meter Meter = new("Dreamer.Actor");
    private static long policyVersion = -1;

    public static readonly Counter<long> Steps = Meter.CreateCounter<long>("dreamer.actor.steps", "{step}", "Agent steps taken");
    public static readonly Counter<long> EnvironmentRestarts = Meter.CreateCounter<long>("dreamer.actor.environment_restarts", "{restart}", "Environments restarted after a failure");
    public static readonly Counter<long> RejectedWeights = Meter.CreateCounter<long>("dreamer.actor.weights_rejected", "{version}", "Weight versions that did not fit");
    public static readonly ObservableGauge<long> PolicyVersion = Meter.CreateObservableGauge("dreamer.actor.weights_version", () => Interlocked.Read(ref policyVersion), "{version}", "Weight version in use");

    public static void SetPolicyVersion(long version) => Interlocked.Exchange(ref policyVersion, version);
}
