using System.ComponentModel.DataAnnotations;
using Dreamer.Spaces;

namespace Dreamer.Hosting.Settings;

/// <summary>
/// Section <c>relay</c>: a relay of the weights. Where it gets them from, tokens and limits are those of section <c>replay</c>, and TLS too
/// where it has no certificate of its own.
/// </summary>
public sealed record RelaySettings
{
    /// <summary>gRPC address of the relay, <c>host:port</c>.</summary>
    [Required(ErrorMessage = "write host:port, e.g. 0.0.0.0:7410")]
    public string Listen { get; init; } = "";

    /// <summary>HTTP/1 address of health and metrics, empty for none.</summary>
    public string HealthListen { get; init; } = "";

    /// <summary>TLS towards actors; without a certificate that of <c>replay.tls</c>.</summary>
    public TlsFiles Tls { get; init; } = new();
}
