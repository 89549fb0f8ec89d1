using System.IO.Compression;
using System.Reflection;

namespace Dreamer.Build.Tests.StandIns;

/// <summary>
/// A stand-in may show less than the package it stands for, never something else: code that compiles against it must
/// compile against the package. The lists under <c>api/</c> are the packages' public APIs.
/// </summary>
public sealed class StandInApiTests
{
    public static TheoryData<string> StandIns => [.. Directory.EnumerateFiles(Repository.StandIns, "*.csproj", SearchOption.AllDirectories)
        .Select(project => Path.GetFileNameWithoutExtension(project))
        .Order()];

    [Theory]
    [MemberData(nameof(StandIns))]
    public void ShowsOnlyWhatThePackageShows(string standIn)
    {
        var allowed = PackageApi(standIn);

        Assert.All(PublicApi.Of(Assembly.Load(standIn)), line => Assert.True(
            allowed.Contains(line), $"The real {standIn} has no such member; nearest: {Nearest(line, allowed)}{Environment.NewLine}{line}"));
    }

    [Theory]
    [InlineData("Grpc.Core.Api")]
    [InlineData("Grpc.Net.Common")]
    public void GrpcStandInsShowEverythingThePackageShows(string standIn)
    {
        var shown = PublicApi.Of(Assembly.Load(standIn)).ToHashSet();

        Assert.Empty(PackageApi(standIn).Except(shown));
    }

    [Theory]
    [InlineData("Grpc.Core.Api")]
    [InlineData("Grpc.Net.Common")]
    public void GrpcStandInsHaveTheIdentityThatRealAssembliesBindTo(string standIn) => Assert.Equal(
        $"{standIn}, Version=2.0.0.0, Culture=neutral, PublicKeyToken=d754f35622e28bad",
        Assembly.Load(standIn).FullName);

    private static HashSet<string> PackageApi(string name)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "api", name + ".txt");
        if (File.Exists(path))
        {
            return [.. File.ReadLines(path)];
        }

        using var reader = new StreamReader(new GZipStream(File.OpenRead(path + ".gz"), CompressionMode.Decompress));
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    // The same member with another signature, for the message of a failure.
    private static string Nearest(string line, HashSet<string> allowed)
    {
        var name = line.Split(['(', ':', '[', '<'])[0].TrimEnd();
        return string.Join(" | ", allowed.Where(other => other.Split(['(', ':', '[', '<'])[0].TrimEnd() == name).Take(5));
    }
}
