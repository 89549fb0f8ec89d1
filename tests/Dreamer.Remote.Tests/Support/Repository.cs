using System.Reflection;

namespace Dreamer.Remote.Tests.Support;

/// <summary>The checkout that these tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = typeof(Repository).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "RepositoryRoot").Value!;

    public static string Tests { get; } = Path.Combine(Root, "tests", "Dreamer.Remote.Tests");
}
