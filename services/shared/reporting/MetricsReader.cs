using System.Text.Json;

namespace Dreamer.Reporting;

/// <summary>
/// Follows a <c>metrics.jsonl</c> that a run may still be writing: each refresh reads the whole lines that were added. Not thread safe.
/// </summary>
/// <param name="path">Need not exist yet.</param>
public sealed class MetricsReader(string path)
{
    private const int ScoreWindow = 20;

    // Episodes may tell facts of their own; a file that names more keys than this is none of ours.
    private const int MostKeys = 1000;
    private const string StepKey = "step";

    private readonly Dictionary<string, MetricSeries> _series = [];
    private readonly Queue<double> _scores = new();
    private readonly Queue<double> _lengths = new();
    private long _position;

    /// <summary>Changes whenever there is more.</summary>
    public long Version { get; private set; }

    /// <summary>Every metric by name.</summary>
    public IReadOnlyDictionary<string, MetricSeries> Series => _series;

    /// <summary>Environment steps at the newest line.</summary>
    public long LastStep { get; private set; }

    /// <summary>Mean score of the last 20 episodes; null before the first.</summary>
    public double? Score => _scores.Count > 0 ? _scores.Average() : null;

    /// <summary>Mean length of the last 20 episodes in agent steps; null before the first.</summary>
    public double? EpisodeLength => _lengths.Count > 0 ? _lengths.Average() : null;

    /// <summary>Finished episodes.</summary>
    public long Episodes => _series.TryGetValue("episode/score", out var scores) ? scores.Count : 0;

    /// <summary>The newest value of a metric; null before the first.</summary>
    public double? Latest(string name) => _series.TryGetValue(name, out var series) ? series.Latest : null;

    /// <summary>Reads what was added. A file that became shorter is read anew; lines that are no metrics are left out.</summary>
    public void Refresh()
    {
        var info = new FileInfo(path);
        if (!info.Exists || info.Length == _position)
        {
            return;
        }

        if (info.Length < _position)
        {
            Forget();
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Position = _position;
        var buffer = new byte[1 << 16];
        var (kept, before) = (0, _position);
        while (file.Read(buffer, kept, buffer.Length - kept) is > 0 and var read)
        {
            var block = buffer.AsSpan(0, kept + read);
            while (block.IndexOf((byte)'\n') is >= 0 and var end)
            {
                Take(block[..end]);
                _position += end + 1;
                block = block[(end + 1)..];
            }

            kept = block.Length;
            block.CopyTo(buffer);
            if (kept == buffer.Length)
            {
                Array.Resize(ref buffer, 2 * buffer.Length);
            }
        }

        Version += _position > before ? 1 : 0;
    }

    private void Forget()
    {
        _series.Clear();
        _scores.Clear();
        _lengths.Clear();
        (_position, LastStep) = (0, 0);
    }

    private void Take(ReadOnlySpan<byte> line)
    {
        try
        {
            var json = new Utf8JsonReader(line);
            json.Read();
            var step = (double)LastStep;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var name = json.GetString()!;
                json.Read();
                if (json.TokenType != JsonTokenType.Number)
                {
                    json.Skip();
                }
                else if (name == StepKey)
                {
                    LastStep = (long)(step = json.GetDouble());
                }
                else
                {
                    Add(name, step, json.GetDouble());
                }
            }
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException or FormatException)
        {
            // A line of another program is no reason to show nothing.
        }
    }

    private void Add(string name, double step, double value)
    {
        if (!_series.TryGetValue(name, out var series))
        {
            if (_series.Count == MostKeys)
            {
                return;
            }

            _series.Add(name, series = new MetricSeries());
        }

        series.Add(step, value);
        if (name is "episode/score" or "episode/length")
        {
            var recent = name == "episode/score" ? _scores : _lengths;
            recent.Enqueue(value);
            if (recent.Count > ScoreWindow)
            {
                recent.Dequeue();
            }
        }
    }
}
