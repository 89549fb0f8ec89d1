using System.ComponentModel.DataAnnotations;

namespace Dreamer.Hosting.Settings;

/// <summary>Section <c>relay</c>: a relay of the weights. Where it gets them from, TLS, tokens and limits are those of section <c>replay</c>.</summary>
public sealed record RelaySettings
{
    /// <summary>gRPC address of the relay, <c>host:port</c>.</summary>
    [Required(ErrorMessage = "write host:port, e.g. 0.0.0.0:7410")]
    public string Listen { get; init; } = "";

    /// <summary>HTTP/1 address of health and metrics, empty for none.</summary>
    public string HealthListen { get; init; } = "";
}
