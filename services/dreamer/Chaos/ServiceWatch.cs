using System.Globalization;

namespace Dreamer.Chaos;

/// <summary>Asks a service, mostly the one of the replay, how it is, at its health address.</summary>
/// <param name="address">host:port.</param>
/// <param name="patience">Seconds that an answer may take.</param>
internal sealed class ServiceWatch(string address, double patience = 2) : IDisposable
{
    private readonly HttpClient _client = new() { BaseAddress = new Uri($"http://{address}"), Timeout = TimeSpan.FromSeconds(patience) };

    /// <summary>Whether its store answers and at least so many actors are connected.</summary>
    public async Task<bool> IsCalmAsync(int actors, CancellationToken cancellation)
    {
        try
        {
            return await IsReadyAsync(cancellation) && await MetricsAsync(["dreamer_replay_actors_connected"], cancellation) is [var connected] && connected >= actors;
        }
        catch (Exception away) when (away is HttpRequestException || (away is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return false;
        }
    }

    /// <summary>Whether it says that it is.</summary>
    /// <exception cref="HttpRequestException">Nobody answers.</exception>
    public async Task<bool> IsReadyAsync(CancellationToken cancellation)
    {
        using var ready = await _client.GetAsync("/ready", cancellation);
        return ready.IsSuccessStatusCode;
    }

    /// <summary>Replayed over inserted steps, as the limiter counts; NaN where nobody answers.</summary>
    public async Task<double> RatioAsync(CancellationToken cancellation)
    {
        try
        {
            return (await MetricsAsync(["dreamer_limiter_train_ratio"], cancellation))[0];
        }
        catch (Exception away) when (away is HttpRequestException || (away is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return double.NaN;
        }
    }

    /// <summary>The newest values of instruments without labels, all of one answer; NaN where one is not there.</summary>
    /// <exception cref="HttpRequestException">Nobody answers.</exception>
    public async Task<double[]> MetricsAsync(IReadOnlyList<string> names, CancellationToken cancellation)
    {
        var lines = (await _client.GetStringAsync("/metrics", cancellation)).Split('\n');
        return [.. names.Select(name => Value(lines, name))];
    }

    public void Dispose() => _client.Dispose();

    private static double Value(IEnumerable<string> lines, string name)
    {
        var line = lines.FirstOrDefault(line => line.StartsWith($"{name} ", StringComparison.Ordinal) || line.StartsWith($"{name}{{", StringComparison.Ordinal));
        return line is null ? double.NaN : double.Parse(line[(line.LastIndexOf('}') + 1)..].Split(' ').First(IsNumber), CultureInfo.InvariantCulture);
    }

    private static bool IsNumber(string text) => double.TryParse(text, CultureInfo.InvariantCulture, out _);
}
