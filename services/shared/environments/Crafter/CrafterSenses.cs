namespace Dreamer.Environments.Crafter;

/// <summary>
/// The vector observation: for each of the 9 x 7 cells around the player, row by row, a flag per material and per kind of
/// object; then the inventory in ninths, the direction faced, whether asleep, and the daylight.
/// </summary>
internal static class CrafterSenses
{
    public const int Columns = 9;
    public const int Rows = 7;

    private const int Materials = (int)Material.Furnace;
    private const int Kinds = 6;
    private const int Others = 4;

    /// <summary>Numbers in the vector.</summary>
    public static readonly int Size = (Columns * Rows * (Materials + Kinds)) + Enum.GetValues<Item>().Length + Others;

    public static void Write(World world, Player player, Span<float> vector)
    {
        vector.Clear();
        var rest = vector;
        for (var row = 0; row < Rows; row++)
        {
            for (var column = 0; column < Columns; column++)
            {
                var cell = player.Position + new Cell(column - (Columns / 2), row - (Rows / 2));
                Mark(world, cell, rest[..(Materials + Kinds)]);
                rest = rest[(Materials + Kinds)..];
            }
        }

        for (var item = 0; item < player.Inventory.Count; item++)
        {
            rest[item] = player.Inventory[(Item)item] / (float)Inventory.Maximum;
        }

        rest = rest[player.Inventory.Count..];
        (rest[0], rest[1]) = (player.Facing.X, player.Facing.Y);
        (rest[2], rest[3]) = (player.Sleeping ? 1 : 0, (float)world.Daylight);
    }

    private static void Mark(World world, Cell cell, Span<float> flags)
    {
        if (world[cell] != Material.None)
        {
            flags[(int)world[cell] - 1] = 1;
        }

        var kind = world.ObjectAt(cell) switch
        {
            Cow => 0,
            Zombie => 1,
            Skeleton => 2,
            Arrow => 3,
            Plant plant => plant.IsRipe ? 5 : 4,
            _ => -1,
        };
        if (kind >= 0)
        {
            flags[Materials + kind] = 1;
        }
    }
}
