using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;

namespace Dreamer.Hosting.Telemetry;

/// <summary>All series of one instrument.</summary>
internal sealed class PrometheusFamily
{
    // A label with many values would grow without end: what comes after this many sets shares one series.
    private const int MaxSeries = 256;
    private const string Overflow = "otel_metric_overflow=\"true\"";

    private static readonly double[] CountBuckets = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 100_000, 1_000_000];
    private static readonly double[] ByteBuckets = [.. Enumerable.Range(0, 12).Select(power => 1024.0 * Math.Pow(4, power))];

    private readonly ConcurrentDictionary<string, PrometheusSeries> _series = new();
    private readonly double[]? _bounds;
    private readonly bool _observable;
    private readonly bool _sums;

    public PrometheusFamily(Instrument instrument)
    {
        Type = PrometheusNames.TypeOf(instrument);
        Name = PrometheusNames.Name(instrument.Name, instrument.Unit, Type);
        Help = PrometheusNames.Escape(instrument.Description ?? "", quotes: false);
        _observable = instrument.IsObservable;
        _sums = !_observable && !instrument.GetType().Name.StartsWith("Gauge", StringComparison.Ordinal);
        _bounds = Type != "histogram" ? null
            : instrument is Histogram<double> { Advice.HistogramBucketBoundaries: { Count: > 0 } advised } ? [.. advised]
            : instrument.Unit switch { "s" => [.. Instruments.DurationBuckets], "By" => ByteBuckets, _ => CountBuckets };
        if (Type == "counter" && !_observable && Instruments.Find(instrument.Name) is { } known)
        {
            // An increase from nothing to 1 is none to Prometheus: what has not happened yet is 0.
            foreach (var labels in known.KnownAttributes.DefaultIfEmpty([]))
            {
                Record(0, labels);
            }
        }
    }

    public string Name { get; }

    public string Type { get; }

    public string Help { get; }

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = Labels(tags);
        if (!_series.TryGetValue(labels, out var series))
        {
            labels = _series.Count < MaxSeries ? labels : Overflow;
            series = _series.GetOrAdd(labels, key => new PrometheusSeries(key, _bounds));
        }

        if (_bounds is not null)
        {
            series.Observe(value);
        }
        else if (_sums)
        {
            series.Add(value);
        }
        else
        {
            series.Set(value);
        }
    }

    /// <summary>What an observable instrument no longer reports must not linger.</summary>
    public void BeforeObserving()
    {
        if (_observable)
        {
            _series.Clear();
        }
    }

    public void Write(StringBuilder text)
    {
        foreach (var (_, series) in _series.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            series.Write(text, Name);
        }
    }

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty)
        {
            return "";
        }

        var text = new StringBuilder();
        foreach (var (name, value) in tags)
        {
            text.Append(text.Length > 0 ? "," : "").Append(PrometheusNames.Letters(name)).Append("=\"")
                .Append(PrometheusNames.Escape(Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? "", quotes: true)).Append('"');
        }

        return text.ToString();
    }
}
