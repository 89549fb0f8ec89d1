using System.Globalization;
using System.Text.Json;
using Dreamer.System.Tests.Processes;

namespace Dreamer.System.Tests.Observability;

/// <summary>A real Prometheus with the repository's alert rules, that scrapes every second.</summary>
internal sealed class PrometheusProcess : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly HttpClient _client = new() { Timeout = Until.Limit };
    private ChildProcess? _process;

    /// <summary>What it said.</summary>
    public string Said => _process?.Said ?? "";

    /// <summary>Starts it on addresses of jobs.</summary>
    public async Task StartAsync(params (string Job, string Address)[] targets)
    {
        var address = FreePorts.Take(1)[0];
        _client.BaseAddress = new Uri($"http://{address}");
        var jobs = targets.GroupBy(target => target.Job, target => target.Address).Select(job => new { job_name = job.Key, static_configs = new[] { new { targets = job } } });
        await File.WriteAllTextAsync(_directory["prometheus.yaml"], JsonSerializer.Serialize(new
        {
            global = new { scrape_interval = "1s", evaluation_interval = "1s" },
            rule_files = new[] { Path.Combine(Repository.Root, "deploy", "observability", "prometheus", "alerts.yaml") },
            scrape_configs = jobs,
        }));
        _process = ChildProcess.Start(
            "prometheus", ["--config.file", _directory["prometheus.yaml"], "--storage.tsdb.path", _directory["data"], "--web.listen-address", address], _directory.Path);
        await Until.HoldsAsync("Prometheus is ready", async () => (await Health.GetAsync(address, "/-/ready")).Status == global::System.Net.HttpStatusCode.OK, () => Said);
    }

    /// <summary>The values of an instant query that are numbers; a query that Prometheus refuses fails the test.</summary>
    public async Task<double[]> QueryAsync(string query)
    {
        var reply = await AskAsync($"/api/v1/query?query={Uri.EscapeDataString(query)}");
        return
        [
            .. reply.GetProperty("result").EnumerateArray()
                .Select(sample => double.Parse(sample.GetProperty("value")[1].GetString()!.Replace("Inf", "Infinity"), CultureInfo.InvariantCulture))
                .Where(value => !double.IsNaN(value)),
        ];
    }

    /// <summary>The <c>data</c> of an answer of its API.</summary>
    public async Task<JsonElement> AskAsync(string path)
    {
        using var response = await _client.GetAsync(path);
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{path}: {body}");
        return JsonDocument.Parse(body).RootElement.GetProperty("data");
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _directory.Dispose();
    }
}
