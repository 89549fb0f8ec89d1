using Xunit.Abstractions;

namespace Dreamer.Experience.Tests;

public sealed class ReplayBenchmarkTests(ITestOutputHelper output)
{
    [Fact]
    public async Task EveryFigureIsMeasuredAndPlanningHardlyAllocates()
    {
        var figures = await ReplayBenchmark.RunAsync(new MemoryChunkStore(), "memory", default);
        foreach (var figure in figures)
        {
            output.WriteLine($"{figure.Name} {figure.Value:0.#} {figure.Unit} (limit {figure.Limit:0.#})");
            Assert.True(figure.Value > 0);
        }

        Assert.True(figures.Single(figure => figure.Name == "memory_allocated_per_batch").Value < 64 << 10);
    }
}
