using System.Globalization;
using System.Net;

namespace Dreamer.System.Tests.Processes;

/// <summary>Asks the health address of a service, which may be down.</summary>
internal static class Health
{
    private static readonly HttpClient Client = new() { Timeout = TimeSpan.FromSeconds(30) };

    /// <summary>Status and body; status 0 where nobody answers.</summary>
    public static async Task<(HttpStatusCode Status, string Body)> GetAsync(string address, string path)
    {
        try
        {
            using var response = await Client.GetAsync($"http://{address}{path}");
            return (response.StatusCode, await response.Content.ReadAsStringAsync());
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
        {
            return (0, error.Message);
        }
    }

    /// <summary>The sum of a metric's series in Prometheus' text, 0 where it is missing. Who does not answer has no figures: it is asked until it does.</summary>
    public static async Task<double> MetricAsync(string address, string name, Func<string>? context = null)
    {
        var body = "";
        await Until.HoldsAsync(
            $"{address} tells {name}",
            async () =>
            {
                (var status, body) = await GetAsync(address, "/metrics");
                return status == HttpStatusCode.OK;
            },
            context);
        return body.Split('\n')
            .Where(line => line.StartsWith(name + " ", StringComparison.Ordinal) || line.StartsWith(name + "{", StringComparison.Ordinal))
            .Sum(line => double.Parse(line[(line.LastIndexOf('}') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries).First(IsNumber), CultureInfo.InvariantCulture));
    }

    private static bool IsNumber(string text) => double.TryParse(text, CultureInfo.InvariantCulture, out _);
}
