using Dreamer.Environments.Rendering;

namespace Dreamer.Environments.Crafter;

/// <summary>
/// Draws what the player sees: 9 x 7 cells of the world, darker and noisier at night, over two rows of inventory. Rounds as
/// the original does, so that with its tiles the bytes are the same.
/// </summary>
internal sealed class CrafterView
{
    private const int Columns = CrafterSenses.Columns;
    private const int Rows = CrafterSenses.Rows;
    private const int ItemRows = 2;

    private static readonly string[] ItemTiles =
    [
        "health", "food", "drink", "energy", "sapling", "wood", "stone", "coal", "iron", "diamond",
        "wood_pickaxe", "stone_pickaxe", "iron_pickaxe", "wood_sword", "stone_sword", "iron_sword",
    ];

    private static readonly string[] MaterialTiles =
        ["unknown", "water", "grass", "stone", "path", "sand", "tree", "lava", "coal", "iron", "diamond", "table", "furnace"];

    private readonly int unit;
    private readonly int border;
    private readonly Lazy<TileSet> tiles;
    private readonly TilePainter local;
    private readonly TilePainter items;
    private readonly NightLight light;

    /// <exception cref="ArgumentException">The picture is too small.</exception>
    public CrafterView(int imageSize, string assets)
    {
        unit = imageSize / Columns;
        if (unit == 0)
        {
            throw new ArgumentException($"env.size must be at least {Columns} for crafter, got {imageSize}.", nameof(imageSize));
        }

        border = (imageSize - (unit * Columns)) / 2;

        // Read when first drawn: a process that only asks for the shapes need not have the files.
        tiles = new Lazy<TileSet>(() => assets.Length > 0 ? TileSet.Load(assets) : TileSet.BuiltIn);
        local = new TilePainter(Columns * unit, Rows * unit);
        items = new TilePainter(Columns * unit, ItemRows * unit);
        light = new NightLight(local.Width, local.Height);
    }

    public void Draw(World world, Player player, Canvas canvas)
    {
        DrawWorld(world, player);
        light.Apply(local.Pixels, world.Daylight, player.Sleeping, world.Random);
        DrawItems(player.Inventory);
        canvas.Clear(default);
        Copy(local, canvas, border);
        Copy(items, canvas, border + local.Height);
    }

    private void DrawWorld(World world, Player player)
    {
        local.Clear(127);
        var corner = player.Position - new Cell(Columns / 2, Rows / 2);
        for (var x = 0; x < Columns; x++)
        {
            for (var y = 0; y < Rows; y++)
            {
                var cell = corner + new Cell(x, y);
                if (World.Contains(cell))
                {
                    local.Put(tiles.Value.Get(MaterialTiles[(int)world[cell]], unit), x * unit, y * unit);
                }
            }
        }

        foreach (var seen in world.Objects)
        {
            var (x, y) = seen.Position - corner;
            if (x is >= 0 and < Columns && y is >= 0 and < Rows)
            {
                local.Blend(tiles.Value.Get(seen.Tile, unit), x * unit, y * unit);
            }
        }
    }

    private void DrawItems(Inventory inventory)
    {
        items.Clear(0);
        for (var index = 0; index < inventory.Count; index++)
        {
            var amount = inventory[(Item)index];
            if (amount > 0)
            {
                var (x, y) = (index % Columns * unit, index / Columns * unit);
                items.Blend(tiles.Value.Get(ItemTiles[index], (int)(0.8 * unit)), (int)(x + (0.1 * unit)), (int)(y + (0.1 * unit)));
                items.Blend(tiles.Value.Get($"{amount}", (int)(0.6 * unit)), (int)(x + (0.4 * unit)), (int)(y + (0.4 * unit)));
            }
        }
    }

    private void Copy(TilePainter from, Canvas canvas, int top)
    {
        for (var y = 0; y < from.Height; y++)
        {
            from.Pixels.AsSpan(y * from.Width * 3, from.Width * 3).CopyTo(canvas.Row(top + y)[(border * 3)..]);
        }
    }
}
