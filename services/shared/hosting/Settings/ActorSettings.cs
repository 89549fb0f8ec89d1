using System.ComponentModel.DataAnnotations;

namespace Dreamer.Hosting.Settings;

/// <summary>Section <c>actor</c>.</summary>
public sealed record ActorSettings
{
    /// <summary>Whether it collects experience or evaluates.</summary>
    public ActorRole Role { get; init; }

    /// <summary>Name in logs and status, empty for host and process id.</summary>
    public string Name { get; init; } = "";

    /// <summary>Number of this actor in its run, which decides its seeds; -1 derives one from the name.</summary>
    [Range(-1, 1000000)]
    public int Index { get; init; }

    /// <summary>Environments stepped side by side.</summary>
    [Range(1, 4096)]
    public int Environments { get; init; }

    /// <summary>Step them on all cores.</summary>
    public bool Parallel { get; init; }

    /// <summary>Where it gets weights from, the URL of a relay; empty takes <c>replay.address</c>.</summary>
    public string WeightsAddress { get; init; } = "";

    /// <summary>HTTP/1 address of health and metrics, empty for none.</summary>
    public string HealthListen { get; init; } = "";

    /// <summary>Unacknowledged chunks kept while the replay service is away.</summary>
    [Range(1 << 16, 1e15)]
    public long BufferBytes { get; init; }

    /// <summary>Steps that the service has not accepted, kept while it is away.</summary>
    [Range(1, 1e15)]
    public long BufferSteps { get; init; }

    /// <summary>Most steps of one environment that are lost with the actor while the service is there.</summary>
    [Range(2, 1 << 20)]
    public int HeldSteps { get; init; }

    /// <summary>Environment restarts allowed in any minute.</summary>
    [Range(0, 10000)]
    public int RestartsPerMinute { get; init; }

    /// <summary>Environment restarts allowed in all.</summary>
    [Range(0, 1000000)]
    public int Restarts { get; init; }

    /// <summary>A step that takes longer is a hung environment; 0 waits for ever.</summary>
    [Range(0.0, 1e6)]
    public double StepTimeoutSeconds { get; init; }

    /// <summary>Longest wait at the end for what was sent to be durable.</summary>
    [Range(0.0, 1e6)]
    public double FlushSeconds { get; init; }
}
