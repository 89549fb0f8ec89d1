using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Logging;

namespace Dreamer.Hosting.Settings;

/// <summary>Section <c>telemetry</c>.</summary>
public sealed record TelemetrySettings
{
    public LogLevel LogLevel { get; init; }

    /// <summary>How a line of the log is written.</summary>
    public LogFormat LogFormat { get; init; }

    /// <summary>Share of the chunks, and of the updates that none of them leads to, that are followed by traces.</summary>
    [Range(0.0, 1.0)]
    public double TraceRatio { get; init; }

    /// <summary>Seconds between two exports over OTLP.</summary>
    [Range(0.1, 3600.0)]
    public double ExportSeconds { get; init; }
}
