using System.Reflection;

namespace Dreamer.Build.Tests;

/// <summary>The checkout that these tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = typeof(Repository).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "RepositoryRoot").Value!;

    public static string StandIns { get; } = Path.Combine(Root, "services", "shared", "standins");

    /// <summary>Source files below a folder, without build output, relative to the root.</summary>
    public static IEnumerable<string> Files(string folder, string pattern) =>
        from file in Directory.EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories)
        let name = Path.GetRelativePath(Root, file)
        where !name.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj")
        orderby name
        select name;
}
