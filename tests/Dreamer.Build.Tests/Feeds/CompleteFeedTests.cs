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
    [InlineData("Dreamer.Learner", "Grpc.AspNetCore", "Google.Protobuf", "TorchSharp", "TorchSharp-cuda-linux")]
    [InlineData("Dreamer.Actor", "Grpc.AspNetCore", "Google.Protobuf")]
    [InlineData("Dreamer", "TorchSharp", "TorchSharp-cpu")]
    public void ProjectsReferenceTheRealPackages(string project, params string[] packages) =>
        Assert.Empty(packages.Except(feed.Projects[project].Packages));

    [Fact]
    public void NoProjectReferencesAStandIn() => Assert.All(feed.Projects, project =>
    {
        Assert.DoesNotContain(project.Value.Projects, path => path.Contains("standins", StringComparison.OrdinalIgnoreCase));
        Assert.Empty(project.Value.Assemblies);
    });

    [Fact]
    public void OnlyTheLearnerCarriesCuda() => Assert.Equal(
        ["Dreamer.Learner"],
        from project in feed.Projects
        where project.Value.Packages.Contains("TorchSharp-cuda-linux")
        select project.Key);

    [Fact]
    public void AnActorNeedsNoTorch() => Assert.DoesNotContain(
        feed.Projects["Dreamer.Actor"].Packages, package => package.StartsWith("TorchSharp", StringComparison.Ordinal));
}
