namespace Dreamer.Environments.Crafter;

/// <summary>Draws a world around the player: grassland at the start, then lakes with beaches, and mountains with caves and ores.</summary>
internal sealed class WorldGenerator
{
    private readonly World world;
    private readonly Player player;
    private readonly OpenSimplex noise;
    private readonly bool[,] tunnels = new bool[World.Size, World.Size];

    private WorldGenerator(World world, Player player)
    {
        (this.world, this.player) = (world, player);
        noise = new OpenSimplex(world.Random.RandInt(0, int.MaxValue));
    }

    public static void Fill(World world, Player player)
    {
        var generator = new WorldGenerator(world, player);
        for (var x = 0; x < World.Size; x++)
        {
            for (var y = 0; y < World.Size; y++)
            {
                world[new Cell(x, y)] = generator.DrawMaterial(x, y);
            }
        }

        for (var x = 0; x < World.Size; x++)
        {
            for (var y = 0; y < World.Size; y++)
            {
                generator.Populate(x, y);
            }
        }
    }

    private Material DrawMaterial(int x, int y)
    {
        var start = 4 - DistanceToPlayer(x, y) + (2 * Noise(x, y, 8, 3));
        start = 1 / (1 + Math.Exp(-start));
        var water = Noise(x, y, 3, 15) + (0.15 * Noise(x, y, 3, 5)) + 0.1 - (2 * start);
        var mountain = ((Noise(x, y, 0, 15) + (0.3 * Noise(x, y, 0, 5))) / 1.3) - ((4 * start) + (0.3 * water));
        return start > 0.5 ? Material.Grass
            : mountain > 0.15 ? DrawMountain(x, y, mountain)
            : water is > 0.25 and <= 0.35 && Noise(x, y, 4, 9) > -0.2 ? Material.Sand
            : water > 0.3 ? Material.Water
            : Noise(x, y, 5, 7) > 0 && Chance(0.8) ? Material.Tree
            : Material.Grass;
    }

    private Material DrawMountain(int x, int y, double mountain)
    {
        if (Noise(x, y, 6, 7) > 0.15 && mountain > 0.3)
        {
            return Material.Path;
        }

        if (Noise(2 * x, y / 5.0, 7, 3) > 0.4 || Noise(x / 5.0, 2 * y, 7, 3) > 0.4)
        {
            tunnels[x, y] = true;
            return Material.Path;
        }

        return Noise(x, y, 1, 8) > 0 && Chance(0.85) ? Material.Coal
            : Noise(x, y, 2, 6) > 0.4 && Chance(0.75) ? Material.Iron
            : mountain > 0.18 && Chance(0.994) ? Material.Diamond
            : mountain > 0.3 && Noise(x, y, 6, 5) > 0.35 ? Material.Lava
            : Material.Stone;
    }

    private void Populate(int x, int y)
    {
        var cell = new Cell(x, y);
        var (material, distance) = (world[cell], DistanceToPlayer(x, y));
        if (material is not (Material.Grass or Material.Sand or Material.Path))
        {
            return;
        }

        if (distance > 3 && material == Material.Grass && Chance(0.985))
        {
            world.Add(new Cow(world, cell));
        }
        else if (distance > 10 && Chance(0.993))
        {
            world.Add(new Zombie(world, cell, player));
        }
        else if (tunnels[x, y] && Chance(0.95))
        {
            world.Add(new Skeleton(world, cell, player));
        }
    }

    private double DistanceToPlayer(int x, int y)
    {
        var (dx, dy) = (x - player.Position.X, y - player.Position.Y);
        return Math.Sqrt((dx * dx) + (dy * dy));
    }

    private double Noise(double x, double y, double z, double size) => noise.At(x / size, y / size, z);

    private bool Chance(double above) => world.Random.Rand() > above;
}
