using System.Text.Json;
using System.Text.RegularExpressions;
using Dreamer.Hosting.Telemetry;

namespace Dreamer.Hosting.Tests.Telemetry;

/// <summary>
/// The dashboards have the form that Grafana provisions, ask Prometheus in its language, and ask for what the services measure. That every
/// query returns data on a live run is tested with the system.
/// </summary>
public sealed partial class DashboardTests
{
    public static TheoryData<string> Names => [.. Dashboards.Names];

    [Fact]
    public void There_is_one_per_question() =>
        Assert.Equal(
            ["1 · Is it learning?", "2 · Is it flowing?", "3 · Is it healthy?", "4 · What does each hop cost?"],
            Dashboards.Names.Select(name => Dashboards.Read(name).GetProperty("title").GetString()).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Names))]
    public void A_dashboard_has_the_form_that_is_provisioned(string name)
    {
        var board = Dashboards.Read(name);
        Assert.Matches("^dreamer-[a-z]+$", board.GetProperty("uid").GetString());
        Assert.InRange(board.GetProperty("schemaVersion").GetInt32(), 36, 50);
        var source = Assert.Single(board.GetProperty("templating").GetProperty("list").EnumerateArray());
        Assert.Equal(("datasource", "datasource", "prometheus"), (Text(source, "name"), Text(source, "type"), Text(source, "query")));
        var panels = board.GetProperty("panels").EnumerateArray().ToArray();
        Assert.Equal(panels.Length, panels.Select(panel => panel.GetProperty("id").GetInt32()).Distinct().Count());
        var taken = new HashSet<(int X, int Y)>();
        foreach (var panel in panels)
        {
            Assert.Contains(Text(panel, "type"), new[] { "timeseries", "stat" });
            Assert.NotEqual("", Text(panel, "title"));
            Assert.NotEqual("", panel.GetProperty("fieldConfig").GetProperty("defaults").GetProperty("unit").GetString());
            Assert.Equal("${datasource}", Text(panel.GetProperty("datasource"), "uid"));
            var targets = panel.GetProperty("targets").EnumerateArray().ToArray();
            Assert.NotEmpty(targets);
            Assert.Equal(targets.Length, targets.Select(target => Text(target, "refId")).Distinct().Count());
            Assert.All(targets, target => Assert.NotEqual("", Text(target, "legendFormat")));
            foreach (var cell in Cells(panel.GetProperty("gridPos")))
            {
                Assert.True(cell.X < 24 && taken.Add(cell), $"{Text(panel, "title")} overlaps another panel or the edge");
            }
        }
    }

    [Fact]
    public async Task Every_query_is_prometheus_s_language()
    {
        var rules = Dashboards.Queries.Select((query, i) => new { record = $"panel:{i}", expr = query.Query });
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new { groups = new[] { new { name = "panels", rules } } }));
            Assert.Contains($"{rules.Count()} rules found", await Promtool.RunAsync("check", "rules", file));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Every_instrument_is_on_a_dashboard_and_nothing_else_is_asked_for()
    {
        var known = Instruments.All.ToDictionary(info => PrometheusNames.Name(info.Name, info.Unit, info.Kind.ToString().ToLowerInvariant()));
        var asked = Dashboards.Queries.SelectMany(query => Metric().Matches(query.Query).Select(match => HistogramPart().Replace(match.Value, ""))).ToHashSet();
        Assert.Empty(asked.Except(known.Keys));

        // Counted in other units on a board already, or of interest to a person who looks at one actor.
        string[] elsewhere = ["dreamer_actor_policy_steps_total"];
        Assert.Equal(elsewhere.Order(), known.Keys.Except(asked).Order());
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private static IEnumerable<(int X, int Y)> Cells(JsonElement at) =>
        from x in Enumerable.Range(at.GetProperty("x").GetInt32(), at.GetProperty("w").GetInt32())
        from y in Enumerable.Range(at.GetProperty("y").GetInt32(), at.GetProperty("h").GetInt32())
        select (x, y);

    [GeneratedRegex("dreamer_[a-z_]+")]
    private static partial Regex Metric();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex HistogramPart();
}
