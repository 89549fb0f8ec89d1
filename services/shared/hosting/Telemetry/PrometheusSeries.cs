using System.Text;

namespace Dreamer.Hosting.Telemetry;

/// <summary>The running value of one instrument under one set of labels. Thread safe.</summary>
/// <param name="labels">Without braces, e.g. <c>role="eval"</c>; may be empty.</param>
/// <param name="bounds">Bucket bounds of a histogram, else null.</param>
internal sealed class PrometheusSeries(string labels, double[]? bounds)
{
    private readonly Lock _gate = new();
    private readonly long[] _buckets = new long[(bounds?.Length ?? 0) + 1];
    private double _value;
    private long _count;

    public void Add(double value)
    {
        lock (_gate)
        {
            _value += value;
        }
    }

    public void Set(double value)
    {
        lock (_gate)
        {
            _value = value;
        }
    }

    public void Observe(double value)
    {
        var bucket = 0;
        while (bucket < bounds!.Length && value > bounds[bucket])
        {
            bucket++;
        }

        lock (_gate)
        {
            _buckets[bucket]++;
            _count++;
            _value += value;
        }
    }

    public void Write(StringBuilder text, string name)
    {
        lock (_gate)
        {
            if (bounds is null)
            {
                Line(text, name, labels, _value);
                return;
            }

            var below = 0L;
            for (var i = 0; i <= bounds.Length; i++)
            {
                below += _buckets[i];
                var le = $"le=\"{PrometheusNames.Number(i < bounds.Length ? bounds[i] : double.PositiveInfinity)}\"";
                Line(text, name + "_bucket", labels.Length > 0 ? $"{labels},{le}" : le, below);
            }

            Line(text, name + "_sum", labels, _value);
            Line(text, name + "_count", labels, _count);
        }
    }

    private static void Line(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0)
        {
            text.Append('{').Append(labels).Append('}');
        }

        text.Append(' ').Append(PrometheusNames.Number(value)).Append('\n');
    }
}
