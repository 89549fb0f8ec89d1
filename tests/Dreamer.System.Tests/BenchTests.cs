using System.Text.Json;

namespace Dreamer.System.Tests;

/// <summary>The form of what <c>dreamer bench</c> prints; the figures themselves are not judged.</summary>
public sealed class BenchTests
{
    [Theory]
    [InlineData("learner", "cartpole", "learner_cartpole")]
    [InlineData("learner", "dreamer_v2_proprio", "learner_dreamer_v2_proprio")]
    [InlineData("learner", "world_models", "learner_world_models_vision")]
    [InlineData("replay", "replay_memory", "replay_memory_in")]
    [InlineData("replay", "replay_training", "replay_training_wait")]
    [InlineData("actor", "size1m_proprio_batch1", "actor_size1m_proprio_batch1")]
    [InlineData("actor", "planet", "actor_planet_cartpole")]
    [InlineData("actor", "dreamer_v1_image_batch8", "actor_dreamer_v1_image_batch8")]
    [InlineData("weights", "weights_1", "weights_1_arrival")]
    [InlineData("scale", "scale_actors_4", "scale_actors_4_in")]
    [InlineData("scale", "scale_weights_4", "scale_weights_4_age_p95")]
    [InlineData("scale", "scale_shards_3", "scale_shards_3_out_allocated")]
    public async Task PrintsFiguresWithTheirLimits(string bench, string only, string expected)
    {
        var run = await RunAsync("bench", bench, "--only", only, "--seconds", "0.05", "--threads", "1", "--json");

        Assert.True(run.Code == 0, run.Errors);
        var figures = JsonDocument.Parse(run.Output).RootElement.EnumerateArray().ToList();
        Assert.Contains(figures, figure => figure.GetProperty("name").GetString() == expected);
        Assert.All(figures, figure =>
        {
            Assert.Equal(["name", "value", "unit", "limit", "ratio"], figure.EnumerateObject().Select(property => property.Name));
            Assert.Contains(only, figure.GetProperty("name").GetString());
            Assert.NotEqual("", figure.GetProperty("unit").GetString());
            var (value, limit, ratio) = (Number(figure, "value"), Number(figure, "limit"), Number(figure, "ratio"));
            Assert.True(value > 0 && limit > 0 && ratio > 0, $"{figure}");

            // The ratio is the share of the limit, whichever way is up.
            Assert.Equal(0, Math.Min(Math.Abs(ratio - (value / limit)), Math.Abs(ratio - (limit / value))), 6);
        });
    }

    [Fact]
    public async Task ASoakTellsTheMemoryOfEveryProcessOnTheWay()
    {
        var run = await RunAsync("bench", "soak", "--steps", "20000", "--json");

        Assert.True(run.Code == 0, run.Errors);
        var figures = JsonDocument.Parse(run.Output).RootElement.EnumerateArray().ToList();
        foreach (var process in new[] { "service", "redis", "clients" })
        {
            var held = figures.Where(figure => figure.GetProperty("name").GetString()!.StartsWith($"soak_{process}_memory_at_", StringComparison.Ordinal)).ToList();
            Assert.Equal(10, held.Count);
            Assert.All(held, figure => Assert.True(Number(figure, "value") > 1, $"{figure}"));
            Assert.Contains(figures, figure => figure.GetProperty("name").GetString() == $"soak_{process}_slope" && figure.GetProperty("unit").GetString() == "MB/Msteps");
        }
    }

    [Theory]
    [InlineData("bench", "weigths")]
    [InlineData("bench", "actor", "--seconds", "0")]
    [InlineData("bench", "actor", "--steps", "50000")]
    [InlineData("bench", "soak", "--steps", "10")]
    public async Task RefusesWhatItDoesNotKnow(params string[] arguments)
    {
        var run = await RunAsync(arguments);

        Assert.Equal(2, run.Code);
        Assert.Contains(
            arguments switch
            {
                [_, "soak", ..] => "--steps must be 20000 or more",
                [_, _, "--seconds", _] => "--seconds must be greater than 0",
                [_, _, "--steps", _] => "--steps",
                _ => "weights",
            },
            run.Errors + run.Output);
    }

    private static double Number(JsonElement figure, string property) => figure.GetProperty(property).GetDouble();

    private static Task<Tool> RunAsync(params string[] arguments) =>
        Tool.RunAsync("dotnet", [Path.Combine(AppContext.BaseDirectory, "dreamer.dll"), .. arguments], TimeSpan.FromMinutes(10));
}
