using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Dreamer.Hosting.Telemetry;

/// <summary>OpenTelemetry names and units in Prometheus' spelling.</summary>
internal static class PrometheusNames
{
    public static string TypeOf(Instrument instrument)
    {
        var name = instrument.GetType().Name;
        return name.StartsWith("Histogram", StringComparison.Ordinal) ? "histogram"
            : name.StartsWith("Counter", StringComparison.Ordinal) || name.StartsWith("ObservableCounter", StringComparison.Ordinal) ? "counter"
            : "gauge";
    }

    /// <summary><c>dreamer.learner.wait</c> in <c>s</c> becomes <c>dreamer_learner_wait_seconds</c>; counters end in <c>_total</c>.</summary>
    public static string Name(string name, string? unit, string type)
    {
        var text = Letters(name);
        var suffix = Unit(unit, type);
        if (suffix.Length > 0 && !text.EndsWith("_" + suffix, StringComparison.Ordinal))
        {
            text += "_" + suffix;
        }

        return type == "counter" && !text.EndsWith("_total", StringComparison.Ordinal) ? text + "_total" : text;
    }

    /// <summary>Letters, digits and underscores, not beginning with a digit.</summary>
    public static string Letters(string name)
    {
        var text = new StringBuilder(name.Length + 1);
        foreach (var letter in name)
        {
            text.Append(char.IsAsciiLetterOrDigit(letter) ? letter : '_');
        }

        return text.Length == 0 || char.IsAsciiDigit(text[0]) ? "_" + text : text.ToString();
    }

    public static string Escape(string text, bool quotes)
    {
        text = text.Replace("\\", "\\\\").Replace("\n", "\\n");
        return quotes ? text.Replace("\"", "\\\"") : text;
    }

    public static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf"
        : double.IsNegativeInfinity(value) ? "-Inf"
        : value.ToString("R", CultureInfo.InvariantCulture);

    private static string Unit(string? unit, string type) => unit switch
    {
        null or "" => "",
        "1" => type == "gauge" ? "ratio" : "",
        "s" => "seconds",
        "ms" => "milliseconds",
        "By" => "bytes",
        "%" => "percent",
        _ when unit.StartsWith('{') => "",
        _ => Letters(unit),
    };
}
