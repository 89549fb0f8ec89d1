using System.ComponentModel.DataAnnotations;

namespace Dreamer.Hosting.Settings;

/// <summary>Section <c>actor</c>.</summary>
public sealed record ActorSettings
{
    public ActorRole Role { get; init; }

    /// <summary>HTTP/1 address of health and metrics, empty for none.</summary>
    public string HealthListen { get; init; } = "";

    /// <summary>Unacknowledged chunks kept while the replay service is away.</summary>
    [Range(1 << 16, 1e15)]
    public long BufferBytes { get; init; }

    /// <summary>Environment restarts allowed in any minute.</summary>
    [Range(0, 10000)]
    public int RestartsPerMinute { get; init; }

    /// <summary>Environment restarts allowed in all.</summary>
    [Range(0, 1000000)]
    public int Restarts { get; init; }
}
