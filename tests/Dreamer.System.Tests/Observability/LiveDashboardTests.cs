using System.Text.Json;
using Dreamer.System.Tests.Processes;

namespace Dreamer.System.Tests.Observability;

/// <summary>The dashboards over a real Prometheus that scrapes real processes.</summary>
public sealed class LiveDashboardTests
{
    [Fact]
    public async Task Every_panel_has_data_on_a_live_run_and_what_fails_shows_and_alerts()
    {
        await using var cluster = new Cluster();
        var health = FreePorts.Take(2);
        await using var prometheus = new PrometheusProcess();
        await prometheus.StartAsync(
            ("dreamer-replay", cluster.ReplayHealth), ("dreamer-learner", cluster.LearnerHealth), ("dreamer-actor", health[0]), ("dreamer-actor", health[1]));
        await cluster.Redis.StartAsync();
        cluster.StartReplay();
        cluster.StartLearner();
        ChildProcess[] actors = [.. health.Select((address, index) => cluster.StartActor(index, "--actor.health_listen", address))];

        foreach (var (panel, query) in Queries())
        {
            await Until.HoldsAsync($"data for {panel}: {query}", async () => (await prometheus.QueryAsync(query)).Length > 0, () => $"{prometheus.Said}\n{cluster.Said}");
        }

        JsonElement rules = default;
        await Until.HoldsAsync(
            "every rule can be judged",
            async () =>
            {
                rules = (await prometheus.AskAsync("/api/v1/rules")).GetProperty("groups");
                var all = rules.EnumerateArray().SelectMany(group => group.GetProperty("rules").EnumerateArray()).ToArray();
                return all.Length > 0 && Array.TrueForAll(all, rule => rule.GetProperty("health").GetString() == "ok");
            },
            () => $"{rules}");

        // Prometheus forgets at once what it could not scrape in time.
        await Until.HoldsAsync("no actor is lost", async () => await prometheus.QueryAsync("sum(dreamer_replay_actors_lost_total)") is [0], () => cluster.Said);

        // An actor that is killed is lost; one that ends is not.
        await cluster.TerminateAsync(actors[0]);
        await actors[1].KillAsync();
        await Until.HoldsAsync("the lost actor counts", async () => await prometheus.QueryAsync("dreamer_replay_actors_lost_total") is [1], () => cluster.Said);

        await cluster.Redis.KillAsync();
        await Until.HoldsAsync("the alert of Redis fires", async () => await prometheus.QueryAsync("""ALERTS{alertname="DreamerRedisDown", alertstate="firing"}""") is [1], () => cluster.Said);
    }

    /// <summary>Every query of every panel; Grafana's interval is replaced by one for this test's scrapes.</summary>
    private static IEnumerable<(string Panel, string Query)> Queries() =>
        from file in Directory.GetFiles(Path.Combine(Repository.Root, "deploy", "observability", "grafana", "dashboards"), "*.json").Order()
        from panel in JsonDocument.Parse(File.ReadAllText(file)).RootElement.GetProperty("panels").EnumerateArray()
        from target in panel.GetProperty("targets").EnumerateArray()
        select ($"{Path.GetFileName(file)}, {panel.GetProperty("title")}", target.GetProperty("expr").GetString()!.Replace("$__rate_interval", "30s"));
}
