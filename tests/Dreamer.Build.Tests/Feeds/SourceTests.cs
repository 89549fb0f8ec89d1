using System.Text.RegularExpressions;

namespace Dreamer.Build.Tests.Feeds;

/// <summary>Which feed built it is the build's business; no source of the product knows.</summary>
public sealed partial class SourceTests
{
    [Fact]
    public void NoProductSourceMentionsTheFeed()
    {
        var sources = Repository.Files("services", "*.cs").Where(file => !file.Contains("standins", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(sources);
        Assert.All(sources, file => Assert.DoesNotMatch(KnowsTheFeed(), File.ReadAllText(Path.Combine(Repository.Root, file))));
    }

    [Fact]
    public void NoProductProjectMentionsTheFeed()
    {
        var projects = Repository.Files("services", "*.csproj").Where(file => !file.Contains("standins", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(projects);
        Assert.All(projects, file => Assert.DoesNotContain("$(Feed)", File.ReadAllText(Path.Combine(Repository.Root, file)), StringComparison.Ordinal));
    }

    // Conditional compilation is how a source would tell the feeds apart.
    [GeneratedRegex(@"^\s*#\s*(if|elif)\b|(partial|complete|package)[ _-]?feed|stand-?ins?\b", RegexOptions.IgnoreCase | RegexOptions.Multiline)]
    private static partial Regex KnowsTheFeed();
}
