using System.ComponentModel.DataAnnotations;

namespace Dreamer.Hosting.Settings;

/// <summary>Section <c>replay.limits</c>: what peers may take of the service; beyond, RESOURCE_EXHAUSTED names the setting.</summary>
public sealed record ReplayLimits
{
    /// <summary>Connections to the gRPC address at a time; further ones are closed.</summary>
    [Range(1, 1_000_000)]
    public int Connections { get; init; } = 4096;

    /// <summary>Calls that one address may have open.</summary>
    [Range(1, 1_000_000)]
    public int CallsPerAddress { get; init; } = 2048;

    /// <summary>Calls that one role at one address may begin per second; 0 for any number.</summary>
    [Range(0, 1_000_000)]
    public int CallsPerSecond { get; init; } = 10_000;

    /// <summary>Bytes that are read of one role at one address per second; 0 for any number.</summary>
    [Range(0, 1e15)]
    public long BytesPerSecond { get; init; }

    /// <summary>Actors with an open push.</summary>
    [Range(1, 1_000_000)]
    public int Actors { get; init; } = 1024;

    /// <summary>Streams of one actor that are open, or not yet durable to their end.</summary>
    [Range(1, 1_000_000)]
    public int StreamsPerActor { get; init; } = 4096;

    /// <summary>Streams that the service remembers; those without a stored chunk are forgotten first.</summary>
    [Range(1, 100_000_000)]
    public int Streams { get; init; } = 1_000_000;

    /// <summary>Bytes that an actor may send beyond its credit before it is cut off: more than actors resend after an outage (<c>actor.buffer_bytes</c>).</summary>
    [Range(1 << 20, 1e12)]
    public long AheadBytes { get; init; } = 512L << 20;

    /// <summary>Manifest and weights of one version.</summary>
    [Range(1 << 20, 2147483647.0)]
    public long WeightsBytes { get; init; } = 1L << 30;
}
