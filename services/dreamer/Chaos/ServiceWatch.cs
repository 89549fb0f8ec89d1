using System.Globalization;

namespace Dreamer.Chaos;

/// <summary>Asks the replay service how it is, at its health address.</summary>
internal sealed class ServiceWatch(string address) : IDisposable
{
    private readonly HttpClient _client = new() { BaseAddress = new Uri($"http://{address}"), Timeout = TimeSpan.FromSeconds(2) };

    /// <summary>Whether its store answers and so many actors are connected.</summary>
    public async Task<bool> IsCalmAsync(int actors, CancellationToken cancellation)
    {
        try
        {
            using var ready = await _client.GetAsync("/ready", cancellation);
            return ready.IsSuccessStatusCode && await MetricAsync("dreamer_replay_actors_connected", cancellation) == actors;
        }
        catch (Exception away) when (away is HttpRequestException || (away is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return false;
        }
    }

    /// <summary>The newest value of an instrument without labels; NaN where it is not there.</summary>
    /// <exception cref="HttpRequestException">Nobody answers.</exception>
    public async Task<double> MetricAsync(string name, CancellationToken cancellation)
    {
        var text = await _client.GetStringAsync("/metrics", cancellation);
        var line = text.Split('\n').FirstOrDefault(line => line.StartsWith($"{name} ", StringComparison.Ordinal) || line.StartsWith($"{name}{{", StringComparison.Ordinal));
        return line is null ? double.NaN : double.Parse(line[(line.LastIndexOf('}') + 1)..].Split(' ').First(IsNumber), CultureInfo.InvariantCulture);
    }

    public void Dispose() => _client.Dispose();

    private static bool IsNumber(string text) => double.TryParse(text, CultureInfo.InvariantCulture, out _);
}
