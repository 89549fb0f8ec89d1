namespace Dreamer.Build.Tests.Feeds;

/// <summary>With the complete feed the product references the real packages and no stand-in.</summary>
public sealed class CompleteFeedTests(CompleteFeed feed) : IClassFixture<CompleteFeed>
{
    [Theory]
    [InlineData("Dreamer.Contracts", "Google.Protobuf", "Grpc.Net.Client")]
    [InlineData("Dreamer.Hosting", "Grpc.AspNetCore", "OpenTelemetry", "OpenTelemetry.Exporter.OpenTelemetryProtocol")]
    [InlineData("Dreamer.Redis", "StackExchange.Redis")]
    [InlineData("Dreamer.Agents", "TorchSharp")]
    [InlineData("Dreamer.Replay", "Grpc.AspNetCore", "Google.Protobuf", "StackExchange.Redis")]
    [InlineData("Dreamer.Learner", "Grpc.AspNetCore", "Google.Protobuf", "TorchSharp", "libtorch-cpu-linux-x64")]
    [InlineData("Dreamer.Actor", "Grpc.AspNetCore", "Google.Protobuf")]
    [InlineData("Dreamer", "TorchSharp", "libtorch-cpu-linux-x64")]
    public void ProjectsReferenceTheRealPackages(string project, params string[] packages) =>
        Assert.Empty(packages.Except(feed.Projects[project].Packages));

    [Fact]
    public void NoProjectReferencesAStandIn() => Assert.All(feed.Projects, project =>
    {
        Assert.DoesNotContain(project.Value.Projects, path => path.Contains("standins", StringComparison.OrdinalIgnoreCase));
        Assert.Empty(project.Value.Assemblies);
    });

    [Theory]
    [InlineData("Dreamer.Learner")]
    [InlineData("Dreamer")]
    public void TheNativeLibraryIsPublished(string project) =>
        Assert.DoesNotContain("libtorch-cpu-linux-x64", feed.Projects[project].Unpublished);

    [Fact]
    public void CudaIsCarriedOnlyWhereItIsAskedFor()
    {
        Assert.DoesNotContain(feed.Projects.Values, project => project.Packages.Contains("TorchSharp-cuda-linux"));
        var learner = CompleteFeed.Evaluate("services/learner/Dreamer.Learner.csproj", "-p:TorchRuntime=cuda");
        Assert.Contains("TorchSharp-cuda-linux", learner.Packages);
        Assert.DoesNotContain("libtorch-cpu-linux-x64", learner.Packages);
    }

    [Fact]
    public void AnActorNeedsNoTorch() => Assert.DoesNotContain(
        feed.Projects["Dreamer.Actor"].Packages, package => package.StartsWith("TorchSharp", StringComparison.Ordinal));
}
