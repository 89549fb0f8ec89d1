using System.ComponentModel.DataAnnotations;
using Dreamer.Experience;
using Dreamer.Spaces;

namespace Dreamer.Hosting.Settings;

/// <summary>Section <c>replay</c>: the store, where the service listens and where others find it.</summary>
public sealed record ReplaySettings
{
    public StoreKind Store { get; init; }

    /// <summary>Redis end points, <c>host:port</c>, comma separated for shards.</summary>
    public string Redis { get; init; } = "";

    /// <summary>Redis ACL user, empty for the default one.</summary>
    public string User { get; init; } = "";

    /// <summary>File with the Redis password, empty for none.</summary>
    public string PasswordFile { get; init; } = "";

    /// <summary>Longest wait for Redis to answer when a service starts.</summary>
    [Range(0.0, 1e6)]
    public double RedisWaitSeconds { get; init; }

    /// <summary>TLS of the connections to Redis.</summary>
    public RedisTlsSettings RedisTls { get; init; } = new();

    /// <summary>Steps kept; the oldest leave first.</summary>
    [Range(1, 1e15)]
    public long CapacitySteps { get; init; }

    /// <summary>Stored bytes kept; the oldest leave first.</summary>
    [Range(1 << 20, 1e15)]
    public long CapacityBytes { get; init; }

    /// <summary>Steps per chunk.</summary>
    [Range(1, 65536)]
    public int ChunkSteps { get; init; }

    /// <summary>Newest windows are drawn once before all others.</summary>
    public bool Online { get; init; }

    /// <summary>Most of a batch that they take, as a share.</summary>
    public double OnlineShare { get; init; }

    /// <summary>How the other windows are drawn.</summary>
    public SelectorOptions Selectors { get; init; } = new();

    /// <summary>How the priorities of steps make the weight of a window.</summary>
    public PriorityOptions Priorities { get; init; } = new();

    /// <summary>gRPC address of the service, <c>host:port</c>.</summary>
    [Required(ErrorMessage = "write host:port, e.g. 0.0.0.0:7400")]
    public string Listen { get; init; } = "";

    /// <summary>HTTP/1 address of health and metrics, empty for none.</summary>
    public string HealthListen { get; init; } = "";

    /// <summary>Where clients find the service, a URL.</summary>
    public string Address { get; init; } = "";

    public string ActorTokenFile { get; init; } = "";

    public string LearnerTokenFile { get; init; } = "";

    public string OperatorTokenFile { get; init; } = "";

    /// <summary>Client side: file with the token to show, empty for none.</summary>
    public string TokenFile { get; init; } = "";

    /// <summary>TLS of the service's gRPC address, and of the clients' side of it.</summary>
    public TlsFiles Tls { get; init; } = new();

    [Range(1 << 16, int.MaxValue)]
    public int MaxMessageBytes { get; init; }

    /// <summary>A peer that has been silent for so long, or that has not been reached in it, counts as lost.</summary>
    [Range(3.0, 1e5)]
    public double LostAfterSeconds { get; init; } = 30;

    /// <summary>Bytes an actor may have in flight.</summary>
    [Range(1 << 16, 1e12)]
    public long CreditBytes { get; init; }

    /// <summary>What peers may take.</summary>
    public ReplayLimits Limits { get; init; } = new();

    /// <summary>What the replay's engine takes from here and from the limiter's section.</summary>
    public ReplayOptions ToOptions(LimiterSettings limiter) => new()
    {
        ChunkSteps = ChunkSteps,
        CapacityBytes = CapacityBytes,
        CapacitySteps = CapacitySteps,
        OnlineQueue = Online,
        OnlineShare = OnlineShare,
        Selectors = Selectors,
        Priorities = Priorities,
        ToleranceBatches = limiter.ToleranceBatches,
        PretrainBatches = limiter.PretrainBatches,
        HeadStartSteps = limiter.HeadStartSteps,
        MaxCatchUpSteps = limiter.MaxCatchUpSteps,
        MaxStreams = Limits.Streams,
    };
}
