using System.Diagnostics;
using System.Text.Json;

namespace Dreamer.Build.Tests.Feeds;

/// <summary>What MSBuild makes of the product's projects when the feed is complete: evaluated, not restored.</summary>
public sealed class CompleteFeed
{
    public CompleteFeed()
    {
        var projects = Repository.Files("services", "*.csproj").Where(project => !project.Contains("standins", StringComparison.Ordinal)).ToList();
        var evaluated = projects.AsParallel().WithDegreeOfParallelism(2).Select(project => (project, Evaluate(project)));
        Projects = evaluated.ToDictionary(pair => Path.GetFileNameWithoutExtension(pair.project), pair => pair.Item2);
    }

    /// <summary>Packages, projects and assemblies referenced, by project.</summary>
    internal IReadOnlyDictionary<string, References> Projects { get; }

    internal static References Evaluate(string project, params string[] properties)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, WorkingDirectory = Repository.Root };
        string[] arguments =
        [
            "msbuild", project, "-p:Feed=complete", .. properties, "-getItem:PackageReference", "-getItem:ProjectReference", "-getItem:Reference",
        ];
        Array.ForEach(arguments, start.ArgumentList.Add);
        // The test host's own MSBuild settings and any choice of the caller's shell must not reach the evaluation.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment.Remove("TorchRuntime");
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, output);

        using var json = JsonDocument.Parse(output);
        var items = json.RootElement.GetProperty("Items");
        return new References(Names(items, "PackageReference"), Names(items, "ProjectReference"), Names(items, "Reference"), Unpublished(items));
    }

    private static List<string> Names(JsonElement items, string kind) =>
        [.. items.GetProperty(kind).EnumerateArray().Select(item => item.GetProperty("Identity").GetString()!)];

    // A publish leaves private packages out unless they say otherwise.
    private static List<string> Unpublished(JsonElement items) =>
    [
        .. items.GetProperty("PackageReference").EnumerateArray().Where(item => Says(item, "PrivateAssets", "all") && !Says(item, "Publish", "true"))
            .Select(item => item.GetProperty("Identity").GetString()!),
    ];

    private static bool Says(JsonElement item, string metadata, string text) =>
        item.TryGetProperty(metadata, out var value) && string.Equals(value.GetString(), text, StringComparison.OrdinalIgnoreCase);

    internal sealed record References(List<string> Packages, List<string> Projects, List<string> Assemblies, List<string> Unpublished);
}
