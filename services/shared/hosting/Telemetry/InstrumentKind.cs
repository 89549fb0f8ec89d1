namespace Dreamer.Hosting.Telemetry;

/// <summary>How measurements of an instrument are put together.</summary>
public enum InstrumentKind
{
    /// <summary>Only grows.</summary>
    Counter,

    /// <summary>The newest value.</summary>
    Gauge,

    /// <summary>A distribution.</summary>
    Histogram,
}
