using System.Diagnostics.Metrics;

namespace Dreamer.Learner.Web;

/// <summary>
/// Listens to the durations that this process measures and tells their recent quantiles; also keeps the newest value of everything
/// else. Thread safe. Recent is the last 30 to 60 seconds; quantiles are exact to 6 %.
/// </summary>
public sealed class HopTimes : IDisposable
{
    private const int PerDecade = 40;
    private const double Shortest = 1e-6;
    private const int Buckets = 8 * PerDecade;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(30);

    private readonly MeterListener _listener = new();
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, Hop> _hops = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (double Value, long At)> _values = [];
    private long _turned;

    public HopTimes(TimeProvider time)
    {
        (_time, _turned) = (time, time.GetTimestamp());
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith("Dreamer.", StringComparison.Ordinal) && !instrument.IsObservable)
            {
                listener.EnableMeasurementEvents(instrument, $"{instrument.Meter.Name}/{instrument.Name}");
            }
        };
        _listener.SetMeasurementEventCallback<double>(Take);
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, state) => Take(instrument, value, tags, state));
        _listener.Start();
    }

    /// <summary>Quantiles of one kind of work, seconds.</summary>
    /// <param name="Name">Instrument, with its attribute where it has one.</param>
    /// <param name="Meaning">What is measured.</param>
    /// <param name="Count">Measurements in the window.</param>
    public sealed record Quantiles(string Name, string Meaning, long Count, double P50, double P99);

    /// <summary>Every duration measured recently, by name.</summary>
    public IReadOnlyList<Quantiles> Recent()
    {
        lock (_gate)
        {
            Turn();
            return [.. _hops.Where(hop => hop.Value.Total > 0).Select(hop => new Quantiles(
                hop.Key, hop.Value.Meaning, hop.Value.Total, hop.Value.Quantile(0.5), hop.Value.Quantile(0.99)))];
        }
    }

    /// <summary>Newest value of a gauge or total of a counter, and the time since; null before the first.</summary>
    /// <param name="meter">E.g. <c>Dreamer.Actor</c>.</param>
    /// <param name="instrument">E.g. <c>dreamer.policy.version</c>.</param>
    public (double Value, TimeSpan Age)? Value(string meter, string instrument)
    {
        lock (_gate)
        {
            return _values.TryGetValue($"{meter}/{instrument}", out var newest) ? (newest.Value, _time.GetElapsedTime(newest.At)) : null;
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        lock (_gate)
        {
            if (instrument is Histogram<double> { Unit: "s" })
            {
                var name = tags.IsEmpty ? instrument.Name : $"{instrument.Name} {tags[0].Value}";
                if (!_hops.TryGetValue(name, out var hop))
                {
                    _hops.Add(name, hop = new Hop(instrument.Description ?? ""));
                }

                Turn();
                hop.Now[Math.Clamp((int)(Math.Log10(Math.Max(value, Shortest) / Shortest) * PerDecade), 0, Buckets - 1)]++;
            }
            else if (tags.IsEmpty)
            {
                var key = (string)state!;
                var before = instrument is Counter<long> && _values.TryGetValue(key, out var newest) ? newest.Value : 0;
                _values[key] = (before + value, _time.GetTimestamp());
            }
        }
    }

    // Begins a window when the one before is over.
    private void Turn()
    {
        var passed = _time.GetElapsedTime(_turned);
        if (passed < Window)
        {
            return;
        }

        _turned = _time.GetTimestamp();
        foreach (var hop in _hops.Values)
        {
            (hop.Before, hop.Now) = (passed < 2 * Window ? hop.Now : new int[Buckets], new int[Buckets]);
        }
    }

    private sealed class Hop(string meaning)
    {
        public string Meaning => meaning;

        public int[] Before { get; set; } = new int[Buckets];

        public int[] Now { get; set; } = new int[Buckets];

        public long Total => Before.Sum(count => (long)count) + Now.Sum(count => (long)count);

        // The middle of the bucket, on the logarithmic scale.
        public double Quantile(double share)
        {
            var wanted = share * Total;
            var seen = 0L;
            var bucket = 0;
            while (bucket < Buckets - 1 && (seen += Before[bucket] + Now[bucket]) < wanted)
            {
                bucket++;
            }

            return Shortest * Math.Pow(10, (bucket + 0.5) / PerDecade);
        }
    }
}
