namespace Dreamer.Environments.Crafter;

/// <summary>Lets creatures appear and disappear in each chunk: zombies on grass and more at night, skeletons in tunnels, cows on grass.</summary>
internal sealed class Population(World world, Player player)
{
    private readonly List<Cell> ground = [];
    private readonly List<WorldObject> creatures = [];

    public void Balance()
    {
        var light = world.Daylight;

        // A chunk that first gets a creature now waits for the next time.
        var count = world.Chunks.Count;
        for (var index = 0; index < count; index++)
        {
            var chunk = world.Chunks[index];
            var zombies = 3.5 - (3 * light);
            Balance<Zombie>(
                chunk, Material.Grass, 6, 0, 0.3, 0.4, cell => new Zombie(world, cell, player), 50, zombies, zombies);
            Balance<Skeleton>(
                chunk, Material.Path, 7, 7, 0.1, 0.1, cell => new Skeleton(world, cell, player), 6, 1, 2);
            Balance<Cow>(
                chunk, Material.Grass, 5, 5, 0.01, 0.1, cell => new Cow(world, cell), 30, 1, 1.5 + light);
        }
    }

    /// <param name="chunk">Where.</param>
    /// <param name="material">What they stand on.</param>
    /// <param name="spawnDistance">Least distance to the player of one that appears.</param>
    /// <param name="despawnDistance">Least distance to the player of one that disappears.</param>
    /// <param name="spawnProbability">Where there are too few.</param>
    /// <param name="despawnProbability">Where there are too many.</param>
    /// <param name="create">Makes one.</param>
    /// <param name="leastGround">Cells of the material without which none appears.</param>
    /// <param name="least">Fewer are too few; only whole ones count.</param>
    /// <param name="most">More are too many; only whole ones count.</param>
    private void Balance<T>(
        Chunk chunk, Material material, int spawnDistance, int despawnDistance, double spawnProbability, double despawnProbability,
        Func<Cell, T> create, int leastGround, double least, double most)
        where T : WorldObject
    {
        creatures.Clear();
        creatures.AddRange(chunk.Objects.Where(candidate => candidate is T));
        chunk.Find(world, material, ground);
        if (creatures.Count < (ground.Count < leastGround ? 0 : (int)least) && world.Random.Rand() < spawnProbability)
        {
            var cell = ground[(int)world.Random.RandInt(0, ground.Count)];
            if (world.ObjectAt(cell) is null && player.Position.DistanceTo(cell) >= spawnDistance)
            {
                world.Add(create(cell));
            }
        }
        else if (creatures.Count > (int)most && world.Random.Rand() < despawnProbability)
        {
            var creature = creatures[(int)world.Random.RandInt(0, creatures.Count)];
            if (player.Position.DistanceTo(creature.Position) >= despawnDistance)
            {
                world.Remove(creature);
            }
        }
    }
}
