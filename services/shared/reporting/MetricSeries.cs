namespace Dreamer.Reporting;

/// <summary>
/// One metric over environment steps in bounded memory. Values at one step are averaged into one point; when there are too many points,
/// neighbours are averaged and each stands for twice as many values.
/// </summary>
/// <param name="capacity">Most points kept, even.</param>
public sealed class MetricSeries(int capacity = 1024)
{
    private readonly List<(double Step, double Value, int Count)> _points = [];
    private int _stride = 1;

    /// <summary>Values added so far.</summary>
    public long Count { get; private set; }

    /// <summary>The newest value as it was added.</summary>
    public double Latest { get; private set; } = double.NaN;

    /// <summary>[points] mean environment step of each point, rising as the values came.</summary>
    public IEnumerable<double> Steps => _points.Select(point => point.Step);

    /// <summary>[points] mean of the values that each point stands for.</summary>
    public IEnumerable<double> Values => _points.Select(point => point.Value);

    /// <summary>Adds a finite value.</summary>
    public void Add(double envStep, double value)
    {
        (Count, Latest) = (Count + 1, value);
        if (_points.Count > 0 && (_points[^1].Count < _stride || _points[^1].Step == envStep))
        {
            _points[^1] = Join(_points[^1], (envStep, value, 1));
            return;
        }

        if (_points.Count == capacity)
        {
            for (var i = 0; i < capacity / 2; i++)
            {
                _points[i] = Join(_points[2 * i], _points[(2 * i) + 1]);
            }

            _points.RemoveRange(capacity / 2, capacity / 2);
            _stride *= 2;
        }

        _points.Add((envStep, value, 1));
    }

    private static (double Step, double Value, int Count) Join((double Step, double Value, int Count) first, (double Step, double Value, int Count) second)
    {
        var count = first.Count + second.Count;
        double Mean(double a, double b) => a + ((b - a) * second.Count / count);
        return (Mean(first.Step, second.Step), Mean(first.Value, second.Value), count);
    }
}
