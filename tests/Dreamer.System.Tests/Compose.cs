using System.Globalization;
using System.Text.Json;

namespace Dreamer.System.Tests;

/// <summary>The repository's docker-compose.yml under a name of its own: other containers, networks, volumes, ports, and images.</summary>
internal sealed class Compose : IAsyncDisposable
{
    private static readonly TimeSpan PollPeriod = TimeSpan.FromSeconds(1);
    private readonly string _project = $"dreamer-test-{Guid.NewGuid():N}"[..25];
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly Dictionary<string, string> _environment;

    /// <param name="variables">What a user would set in the shell.</param>
    public Compose(params (string Name, string Value)[] variables) => _environment = new(
        [new("FEED", Repository.Feed), new("REPLAY_PORT", "0"), new("LEARNER_PORT", "0"), new("WEB_PORT", "0"), .. variables.Select(v => KeyValuePair.Create(v.Name, v.Value))]);

    /// <summary>Runs <c>docker compose</c>; a failure fails the test with what it wrote.</summary>
    public async Task<string> RunAsync(TimeSpan limit, params string[] arguments)
    {
        var tool = await TryAsync(limit, arguments);
        Assert.True(tool.Code == 0, $"docker compose {string.Join(' ', arguments)} ended with {tool.Code}:\n{tool.Output}\n{tool.Errors}");
        return tool.Output;
    }

    /// <summary>Runs <c>docker compose</c>, which may fail.</summary>
    public async Task<(int Code, string Output, string Errors)> TryAsync(TimeSpan limit, params string[] arguments)
    {
        var tool = await Tool.RunAsync("docker", ["compose", "--project-name", _project, .. arguments], limit, _environment);
        return (tool.Code, tool.Output, tool.Errors);
    }

    /// <summary>Waits until a metric of a service's published port satisfies a condition.</summary>
    /// <exception cref="TimeoutException">It did not in time; the message holds the last value and the logs.</exception>
    public async Task WaitForAsync(string service, string metric, Func<double, bool> condition, string expected, TimeSpan limit)
    {
        using var deadline = new CancellationTokenSource(limit);
        using var timer = new PeriodicTimer(PollPeriod);
        var last = "never answered";
        do
        {
            try
            {
                var address = (await RunAsync(limit, "port", service, "7401")).Trim();
                var value = Sample(await _http.GetStringAsync($"http://{address}/metrics", deadline.Token), metric);
                last = value?.ToString(CultureInfo.InvariantCulture) ?? "not there";
                if (value is { } number && condition(number))
                {
                    return;
                }
            }
            catch (Exception away) when (away is HttpRequestException or OperationCanceledException)
            {
                // Not listening yet, or started again.
            }
        }
        while (await NextAsync(timer, deadline.Token));

        throw new TimeoutException($"{service}: {metric} was expected to be {expected} within {limit}, the last value was {last}.\n{await LogsAsync()}");
    }

    /// <summary>The containers of a service, stopped ones included, as <c>docker inspect</c> shows them.</summary>
    public async Task<JsonElement[]> InspectAsync(string service)
    {
        var limit = TimeSpan.FromMinutes(1);
        var ids = (await RunAsync(limit, "ps", "--all", "--quiet", service)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var inspected = await Tool.RunAsync("docker", ["inspect", .. ids], limit);
        return [.. JsonDocument.Parse(inspected.Output).RootElement.EnumerateArray()];
    }

    /// <summary>Leaves nothing behind, not even the images.</summary>
    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await RunAsync(TimeSpan.FromMinutes(3), "down", "--volumes", "--remove-orphans", "--rmi", "local", "--timeout", "20");
    }

    /// <summary>The largest sample of a metric in Prometheus' text; null when there is none.</summary>
    private static double? Sample(string text, string metric) => text.Split('\n')
        .Where(line => line.StartsWith(metric + " ", StringComparison.Ordinal) || line.StartsWith(metric + "{", StringComparison.Ordinal))
        .Max(line => (double?)double.Parse(line[line.LastIndexOf(' ')..], CultureInfo.InvariantCulture));

    private static async Task<bool> NextAsync(PeriodicTimer timer, CancellationToken cancellation)
    {
        try
        {
            return await timer.WaitForNextTickAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task<string> LogsAsync()
    {
        var limit = TimeSpan.FromMinutes(1);
        return $"{await RunAsync(limit, "ps", "--all")}\n{await RunAsync(limit, "logs", "--no-color", "--tail", "30")}";
    }
}
