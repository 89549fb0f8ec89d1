using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Dreamer.Hosting.Tests.Telemetry;

/// <summary>Every alert can fire, keeps quiet where nothing is wrong, and has a page that says what to do.</summary>
public sealed partial class AlertTests
{
    private static readonly string Folder = Path.Combine(DocumentationTests.Root, "deploy", "observability", "prometheus");
    private static readonly string Runbook = File.ReadAllText(Path.Combine(DocumentationTests.Root, "docs", "runbook.md"));

    private static IReadOnlyList<YamlMappingNode> Alerts { get; } =
        [.. ((YamlSequenceNode)Read("alerts.yaml")["groups"]).SelectMany(group => (YamlSequenceNode)group["rules"]).Cast<YamlMappingNode>()];

    [Fact]
    public async Task Prometheus_takes_the_rules_and_its_configuration()
    {
        Assert.Contains($"{Alerts.Count} rules found", await Promtool.RunAsync("check", "rules", Path.Combine(Folder, "alerts.yaml")));
        await Promtool.RunAsync("check", "config", Path.Combine(Folder, "prometheus.yaml"));
    }

    [Fact]
    public async Task Every_alert_fires_and_keeps_quiet_in_a_rule_test()
    {
        await Promtool.RunAsync("test", "rules", Path.Combine(Folder, "alerts.test.yaml"));
        var cases = ((YamlSequenceNode)Read("alerts.test.yaml")["tests"]).SelectMany(test => (YamlSequenceNode)test["alert_rule_test"])
            .Select(test => (Alert: $"{test["alertname"]}", Fires: ((YamlSequenceNode)test["exp_alerts"]).Any())).ToHashSet();
        Assert.Equal(
            Alerts.SelectMany(alert => new[] { ($"{alert["alert"]}", true), ($"{alert["alert"]}", false) }).Order(),
            cases.Select(test => (test.Alert, test.Fires)).Order());
    }

    [Fact]
    public void Every_alert_has_its_section_of_the_runbook_and_no_section_is_left_over()
    {
        Assert.All(Alerts, alert => Assert.Equal($"docs/runbook.md#{$"{alert["alert"]}".ToLowerInvariant()}", $"{alert["annotations"]["runbook_url"]}"));
        var sections = Section().Matches(Runbook);
        Assert.Equal(Alerts.Select(alert => $"{alert["alert"]}").Order(), sections.Select(section => section.Groups[1].Value).Order());
        Assert.All(sections, section => Assert.Matches(@"(?s)\*\*See\*\*.+\*\*Do\*\*", section.Value));
    }

    [Fact]
    public void Errors_that_point_into_the_runbook_point_at_a_section()
    {
        var anchors = Section().Matches(Runbook).Select(section => section.Groups[1].Value.ToLowerInvariant()).ToHashSet();
        var named = Directory.GetFiles(Path.Combine(DocumentationTests.Root, "services"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => Pointer().Matches(File.ReadAllText(file))).Select(match => match.Groups[1].Value).ToHashSet();
        Assert.NotEmpty(named);
        Assert.Empty(named.Except(anchors));
    }

    private static YamlMappingNode Read(string name)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(File.ReadAllText(Path.Combine(Folder, name))));
        return (YamlMappingNode)yaml.Documents[0].RootNode;
    }

    [GeneratedRegex(@"^## (\w+)\n.*?(?=^## |\z)", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Section();

    [GeneratedRegex(@"docs/runbook\.md#([a-z]+)")]
    private static partial Regex Pointer();
}
