using System.Text.Json;

namespace Dreamer.Hosting.Tests.Telemetry;

/// <summary>The provisioned dashboards as they lie in the repository.</summary>
internal static class Dashboards
{
    private static readonly string Folder = Path.Combine(DocumentationTests.Root, "deploy", "observability", "grafana", "dashboards");

    public static IReadOnlyList<string> Names { get; } =
        [.. Directory.GetFiles(Folder, "*.json").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    public static JsonElement Read(string name) => JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, name))).RootElement;

    /// <summary>Every query of every panel; Grafana's interval is replaced by one that Prometheus reads.</summary>
    public static IEnumerable<(string Panel, string Query)> Queries =>
        from name in Names
        from panel in Read(name).GetProperty("panels").EnumerateArray()
        from target in panel.GetProperty("targets").EnumerateArray()
        select ($"{name}: {panel.GetProperty("title")}", target.GetProperty("expr").GetString()!.Replace("$__rate_interval", "1m"));
}
