using System.Security.Cryptography;
using Dreamer.Environments.Crafter;
using Dreamer.Spaces;

namespace Dreamer.Environments.Tests;

public sealed class CrafterTests
{
    private static readonly EnvironmentOptions Options = new() { Name = "crafter", Observation = ObservationKind.Both };

    [Theory]
    [InlineData(0UL, "aeae4ebcfe9881919da12e047fb5af8f", "ff3d70930c921c62442c33b0d7115552")]
    [InlineData((1UL << 63) + 5, "50ddd787a359ca7caabff30906cbbe34", "3a96ed611aa56586f45f5f42c28d3130")]
    public void Each_episode_has_the_world_of_the_original(ulong seed, string first, string second)
    {
        var game = new CrafterGame(seed, imageSize: 64, assets: "");
        Assert.Equal([first, second], [NextWorld(game), NextWorld(game)]);
    }

    [Fact]
    public void The_vector_shows_the_cells_in_view_then_inventory_and_senses()
    {
        using var environment = EnvironmentRegistry.Make(Options, seed: 3);
        var step = new TimeStep(environment.Spec);
        environment.Reset(step);
        var vector = step.Floats(1);

        Assert.Equal((63 * 18) + 16 + 4, vector.Length);
        for (var cell = 0; cell < 63; cell++)
        {
            Assert.Equal(1, vector.Slice(cell * 18, 12).ToArray().Sum());
        }

        Assert.Equal(1, vector[(31 * 18) + (int)Material.Grass - 1]);
        Assert.Equal([1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], vector.Slice(63 * 18, 16).ToArray());
        Assert.Equal((0, 1, 0), (vector[^4], vector[^3], vector[^2]));
        Assert.Equal(0.797f, vector[^1], 0.001f);

        environment.Step(OneHot(CrafterAction.MoveLeft), step);
        Assert.Equal((-1, 0), (step.Floats(1)[^4], step.Floats(1)[^3]));
    }

    [Fact]
    public void A_rested_player_cannot_sleep_and_a_tired_one_is_shown_asleep()
    {
        using var environment = EnvironmentRegistry.Make(Options, seed: 3);
        var step = new TimeStep(environment.Spec);
        environment.Reset(step);
        environment.Step(OneHot(CrafterAction.Sleep), step);
        Assert.Equal(0, step.Floats(1)[^2]);
        for (var index = 0; index < 31; index++)
        {
            environment.Step(OneHot(CrafterAction.Noop), step);
        }

        environment.Step(OneHot(CrafterAction.Sleep), step);
        Assert.Equal(1, step.Floats(1)[^2]);
    }

    [Theory]
    [InlineData(9)]
    [InlineData(64)]
    [InlineData(100)]
    public void Pictures_of_every_size_show_world_and_inventory(int size)
    {
        using var environment = EnvironmentRegistry.Make(Options with { Observation = ObservationKind.Image, Size = size }, seed: 1);
        var step = new TimeStep(environment.Spec);
        var action = new Random(1);
        environment.Reset(step);
        for (var index = 0; index < 400; index++)
        {
            if (step.IsLast)
            {
                environment.Reset(step);
            }

            environment.Step(OneHot((CrafterAction)action.Next(17)), step);
        }

        var half = size * size * 3 / 2;
        Assert.True(step.Observations[0].Take(half).Distinct().Count() > 2, "the world looks empty");
        Assert.Equal(size >= 64, step.Observations[0].Skip(half + (half / 2)).Any(value => value > 200));
    }

    [Fact]
    public void Each_record_tells_how_often_each_achievement_was_reached()
    {
        using var environment = EnvironmentRegistry.Make(Options with { TimeLimit = 400 }, seed: 1);
        var step = new TimeStep(environment.Spec);
        var action = new Random(1);
        environment.Reset(step);
        Assert.All(step.Facts, fact => Assert.Equal(0, fact.Value));
        var unlocks = 0;
        while (!step.IsLast)
        {
            environment.Step(OneHot((CrafterAction)action.Next(17)), step);
            unlocks += step.Reward > 0.5 ? 1 : 0;
        }

        Assert.Equal(["achievement/collect_coal", "achievement/collect_diamond"], step.Facts.Take(2).Select(fact => fact.Name));
        Assert.Equal(22, step.Facts.Select(fact => fact.Name).Distinct().Count());
        Assert.Equal(unlocks, step.Facts.Count(fact => fact.Value > 0));
        Assert.True(unlocks > 0, "nothing was achieved");
    }

    [Fact]
    public void Settings_that_cannot_work_are_refused_by_name()
    {
        var small = Assert.Throws<ArgumentException>(() => EnvironmentRegistry.Make(Options with { Size = 8 }, seed: 0));
        Assert.StartsWith("env.size must be at least 9 for crafter, got 8", small.Message, StringComparison.Ordinal);

        var directory = Directory.CreateTempSubdirectory();
        try
        {
            var missing = Path.Combine(directory.FullName, "nowhere");
            Assert.Equal($"env.crafter_assets: there is no directory '{missing}'; leave it empty for the built-in tiles.", DrawWith(missing));
            Assert.Matches(@"^env\.crafter_assets: '.+' has no \w+\.png\.$", DrawWith(directory.FullName));
            File.WriteAllText(Path.Combine(directory.FullName, "grass.png"), "no picture");
            Assert.EndsWith("grass.png': it is not a PNG file.", DrawWith(directory.FullName), StringComparison.Ordinal);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public void The_score_is_a_geometric_mean()
    {
        Assert.Equal(100, CrafterScore.Of([.. Enumerable.Repeat(1.0, 22)]), 1e-9);
        Assert.Equal(0, CrafterScore.Of(new double[22]), 1e-12);
        Assert.Equal(0.233404, CrafterScore.Of([1, .. new double[21]]), 1e-6);
    }

    private static string NextWorld(CrafterGame game)
    {
        game.Reset();
        var cells = from x in Enumerable.Range(0, 64) from y in Enumerable.Range(0, 64) select (byte)game.MaterialAt(x, y);
        return Convert.ToHexStringLower(MD5.HashData(cells.ToArray()));
    }

    private static string DrawWith(string assets)
    {
        using var environment = EnvironmentRegistry.Make(Options with { CrafterAssets = assets }, seed: 0);
        return Assert.Throws<ArgumentException>(() => environment.Reset(new TimeStep(environment.Spec))).Message;
    }

    private static float[] OneHot(CrafterAction action)
    {
        var vector = new float[17];
        vector[(int)action] = 1;
        return vector;
    }
}
