using System.Reflection;
using System.Text.RegularExpressions;
using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Telemetry;

namespace Dreamer.Hosting.Tests;

/// <summary>The documentation says what the code says.</summary>
public sealed partial class DocumentationTests
{
    internal static readonly string Root = typeof(DocumentationTests).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "RepositoryRoot").Value!;

    public static TheoryData<string> Pages => [.. Directory.GetFiles(Root, "*.md").Concat(Directory.GetFiles(Path.Combine(Root, "docs"), "*.md"))
        .Select(path => Path.GetRelativePath(Root, path)).Order(StringComparer.Ordinal)];

    [Fact]
    public void Every_instrument_stands_in_the_table() => Assert.Contains(Instruments.ToMarkdown(), Read("docs/telemetry.md"));

    [Fact]
    public void Every_setting_stands_with_its_default_and_no_other_does()
    {
        var documented = SettingRow().Matches(Read("docs/configuration.md")).Select(row => (row.Groups[1].Value, row.Groups[2].Value));
        var defaults = ConfigurationLoader.Load(new ConfigurationRequest([]) { Environment = new Dictionary<string, string>(), WorkingDirectory = Root });
        Assert.Equal(defaults.Settings.Select(setting => (setting.Key, setting.Value.Length == 0 ? "\"\"" : setting.Value)), documented);
    }

    [Fact]
    public void Every_preset_is_named()
    {
        var page = Read("docs/configuration.md");
        Assert.All(ConfigurationLoader.PresetNames, preset => Assert.Contains($"`{preset}`", page));
    }

    [Fact]
    public void Every_test_that_reliability_names_exists()
    {
        var sources = Directory.GetFiles(Path.Combine(Root, "tests"), "*Tests.cs", SearchOption.AllDirectories).ToLookup(path => Path.GetFileNameWithoutExtension(path), File.ReadAllText);
        var named = NamedTest().Matches(Read("docs/reliability.md")).Select(test => (Class: test.Groups[1].Value, Method: test.Groups[2].Value)).ToList();
        Assert.True(named.Count > 20);
        Assert.All(named, test => Assert.Contains(test.Method.Length == 0 ? $"class {test.Class}" : $" {test.Method}(", string.Concat(sources[test.Class])));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Links_lead_somewhere(string page)
    {
        var folder = Path.GetDirectoryName(Path.Combine(Root, page))!;
        var broken = from link in Link().Matches(Read(page))
                     let target = link.Groups[1].Value
                     where !target.Contains("://", StringComparison.Ordinal)
                     let parts = target.Split('#')
                     let file = parts[0].Length == 0 ? Path.Combine(Root, page) : Path.Combine(folder, parts[0])
                     where !Path.Exists(file) || (parts.Length > 1 && !Anchors(file).Contains(parts[1]))
                     select target;
        Assert.Empty(broken);
    }

    private static string Read(string page) => File.ReadAllText(Path.Combine(Root, page));

    private static IEnumerable<string> Anchors(string file) => Heading().Matches(File.ReadAllText(file))
        .Select(heading => NotInAnchor().Replace(heading.Groups[1].Value.ToLowerInvariant(), "").Replace(' ', '-'));

    [GeneratedRegex(@"^\| `([a-z0-9_.]+)` \| `([^`]*)` \|", RegexOptions.Multiline)]
    private static partial Regex SettingRow();

    [GeneratedRegex(@"`([A-Z]\w*Tests)(?:\.(\w+))?`")]
    private static partial Regex NamedTest();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchor();
}
