using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;

namespace Dreamer.Hosting.Telemetry;

/// <summary>Listens to the process' instruments and writes them in Prometheus' text format. Thread safe.</summary>
public sealed class PrometheusCollector : IDisposable
{
    /// <summary>Media type of <see cref="Scrape"/>.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly ConcurrentDictionary<Instrument, PrometheusFamily> _families = new();
    private readonly MeterListener _listener = new();
    private readonly Lock _scraping = new();

    /// <param name="meters">Prefixes of meter names; by default ours and the runtime's.</param>
    public PrometheusCollector(params string[] meters)
    {
        var prefixes = meters.Length > 0 ? meters : ["Dreamer.", "System.Runtime"];
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (prefixes.Any(prefix => instrument.Meter.Name.StartsWith(prefix, StringComparison.Ordinal)))
            {
                listener.EnableMeasurementEvents(instrument, FamilyOf(instrument));
            }
        };
        _listener.MeasurementsCompleted = (instrument, _) => _families.TryRemove(instrument, out var _);
        _listener.SetMeasurementEventCallback<double>((_, value, tags, family) => Record(value, tags, family));
        _listener.SetMeasurementEventCallback<float>((_, value, tags, family) => Record(value, tags, family));
        _listener.SetMeasurementEventCallback<long>((_, value, tags, family) => Record(value, tags, family));
        _listener.SetMeasurementEventCallback<int>((_, value, tags, family) => Record(value, tags, family));
        _listener.Start();
    }

    /// <summary>All instruments as they are now.</summary>
    public string Scrape()
    {
        lock (_scraping)
        {
            var families = _families.Values.Distinct().ToArray();
            foreach (var family in families)
            {
                family.BeforeObserving();
            }

            try
            {
                _listener.RecordObservableInstruments();
            }
            catch (AggregateException)
            {
                // An observer that fails leaves out its own series only; the others were recorded.
            }

            var text = new StringBuilder();
            foreach (var group in families.GroupBy(family => family.Name).OrderBy(group => group.Key, StringComparer.Ordinal))
            {
                var first = group.First();
                text.Append("# HELP ").Append(first.Name).Append(' ').Append(first.Help).Append('\n');
                text.Append("# TYPE ").Append(first.Name).Append(' ').Append(first.Type).Append('\n');
                foreach (var family in group)
                {
                    family.Write(text);
                }
            }

            return text.ToString();
        }
    }

    public void Dispose() => _listener.Dispose();

    // Two meters of one name, as of two edges in one process, are one family: a series written twice spoils a whole scrape.
    private PrometheusFamily FamilyOf(Instrument instrument)
    {
        lock (_families)
        {
            var mine = new PrometheusFamily(instrument);
            return _families[instrument] = _families.Values.FirstOrDefault(other => (other.Name, other.Type) == (mine.Name, mine.Type)) ?? mine;
        }
    }

    private static void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? family) =>
        ((PrometheusFamily)family!).Record(value, tags);
}
