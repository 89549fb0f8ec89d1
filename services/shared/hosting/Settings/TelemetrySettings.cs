using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Logging;

namespace Dreamer.Hosting.Settings;

/// <summary>Section <c>telemetry</c>.</summary>
public sealed record TelemetrySettings
{
    public LogLevel LogLevel { get; init; }

    /// <summary>Seconds between two exports over OTLP.</summary>
    [Range(0.1, 3600.0)]
    public double ExportSeconds { get; init; }
}
