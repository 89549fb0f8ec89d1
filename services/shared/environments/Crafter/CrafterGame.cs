using System.Text.Json;
using Dreamer.Environments.Games;
using Dreamer.Environments.Rendering;
using Dreamer.Environments.Tasks;
using Dreamer.Spaces;

namespace Dreamer.Environments.Crafter;

/// <summary>
/// Crafter (Hafner 2021, rules of the repository's head): survive, gather, build and fight in a random world; 1 for each of the
/// 22 achievements when first reached in an episode, 0.1 for each point of health won, -0.1 for each lost. Ends with death, or
/// by its limit of 10,000 steps. Seed-exact with the original as long as the picture is drawn at its size of 64: the night's
/// noise comes from the world's own generator. Vector: the 9 x 7 cells in view as flags, then inventory and senses.
/// </summary>
public sealed class CrafterGame : IGame
{
    private const int UpdateDistance = 18;
    private const int BalanceInterval = 10;
    private const int DayLength = 300;

    private static readonly string[] AchievementNames =
        [.. Enum.GetNames<Achievement>().Select(name => $"achievement/{JsonNamingPolicy.SnakeCaseLower.ConvertName(name)}")];

    private readonly ulong seed;
    private readonly CrafterView view;
    private readonly HashSet<Achievement> unlocked = [];
    private readonly List<WorldObject> acting = [];
    private readonly EpisodeFact[] facts = new EpisodeFact[AchievementNames.Length];
    private long episode;
    private int steps;
    private int lastHealth;
    private World world = new(0);
    private Player player;
    private Population population;

    /// <param name="seed">The original's seed.</param>
    /// <param name="imageSize">Height and width of the picture in pixels, at least 9.</param>
    /// <param name="assets">Directory with the original's tiles; empty for our own.</param>
    /// <exception cref="ArgumentException">The picture is too small.</exception>
    public CrafterGame(ulong seed, int imageSize, string assets)
    {
        this.seed = seed;
        player = new Player(world, default);
        population = new Population(world, player);
        view = new CrafterView(imageSize, assets);
    }

    public int Actions => Enum.GetValues<CrafterAction>().Length;

    public int VectorSize => CrafterSenses.Size;

    /// <summary>Column and row of the player in the world of 64 x 64 cells.</summary>
    public (int X, int Y) Position => (player.Position.X, player.Position.Y);

    /// <summary>How often each <see cref="Achievement"/> was reached in this episode.</summary>
    public ReadOnlySpan<int> Achievements => player.Achievements;

    /// <summary>The same as <c>achievement/collect_coal</c> and so on.</summary>
    public IReadOnlyList<EpisodeFact> Facts => facts;

    /// <summary>How much the player has of an item, 0 to 9.</summary>
    public int Amount(Item item) => player.Inventory[item];

    /// <summary>The material of a cell; none outside the world.</summary>
    public Material MaterialAt(int x, int y) => world[new Cell(x, y)];

    /// <summary>The original's number for what is seen from above: materials from 1, then player, cow, zombie, skeleton, arrow, plant.</summary>
    public byte KindAt(int x, int y)
    {
        var cell = new Cell(x, y);
        var objects = (byte)Material.Furnace + 1;
        return (byte)(world.ObjectAt(cell) switch
        {
            null => (byte)world[cell],
            Player => objects,
            Cow => objects + 1,
            Zombie => objects + 2,
            Skeleton => objects + 3,
            Arrow => objects + 4,
            _ => objects + 5,
        });
    }

    public void Reset()
    {
        episode++;
        world = new World((uint)PythonHash.OfPair((long)(seed % PythonHash.Modulus), episode, int.MaxValue));
        player = new Player(world, new Cell(World.Size / 2, World.Size / 2));
        population = new Population(world, player);
        world.Add(player);
        WorldGenerator.Fill(world, player);
        unlocked.Clear();
        (steps, lastHealth) = (0, player.Health);
        Unlock();
        PassTime();
    }

    public Outcome Advance(int action)
    {
        steps++;
        PassTime();
        player.Action = (CrafterAction)action;
        acting.Clear();
        acting.AddRange(world.Objects);
        foreach (var actor in acting)
        {
            if (player.Position.DistanceTo(actor.Position) < UpdateDistance)
            {
                actor.Update();
            }
        }

        if (steps % BalanceInterval == 0)
        {
            population.Balance();
        }

        var reward = (player.Health - lastHealth) / 10.0;
        lastHealth = player.Health;
        return new Outcome(reward + (Unlock() ? 1 : 0), player.Health <= 0);
    }

    public void Observe(Span<float> vector) => CrafterSenses.Write(world, player, vector);

    public void Draw(Canvas canvas) => view.Draw(world, player, canvas);

    /// <summary><c>map</c> (materials) and <c>semantic</c> (<see cref="KindAt"/>), both by column; <c>inventory</c>, <c>position</c>, <c>achievements</c>.</summary>
    public double[]? Read(string quantity) => quantity switch
    {
        "map" => [.. from x in Enumerable.Range(0, World.Size) from y in Enumerable.Range(0, World.Size) select (double)MaterialAt(x, y)],
        "semantic" => [.. from x in Enumerable.Range(0, World.Size) from y in Enumerable.Range(0, World.Size) select (double)KindAt(x, y)],
        "inventory" => [.. Enum.GetValues<Item>().Select(item => (double)Amount(item))],
        "position" => [Position.X, Position.Y],
        "achievements" => [.. Achievements.ToArray().Select(count => (double)count)],
        _ => null,
    };

    /// <summary>Several achievements in one step are paid as one, as in the original.</summary>
    private bool Unlock()
    {
        var before = unlocked.Count;
        for (var index = 0; index < player.Achievements.Length; index++)
        {
            facts[index] = new EpisodeFact(AchievementNames[index], player.Achievements[index]);
            if (player.Achievements[index] > 0)
            {
                unlocked.Add((Achievement)index);
            }
        }

        return unlocked.Count > before;
    }

    private void PassTime()
    {
        var progress = ((double)steps / DayLength % 1) + 0.3;
        world.Daylight = 1 - Math.Pow(Math.Abs(Math.Cos(Math.PI * progress)), 3);
    }
}
