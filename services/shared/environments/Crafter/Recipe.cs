using System.Collections.Immutable;

namespace Dreamer.Environments.Crafter;

/// <summary>What an action costs, what must be near or ahead, and what it is worth.</summary>
internal sealed record Recipe(Achievement Achievement, ImmutableArray<(Item Item, int Count)> Uses, ImmutableArray<Material> Where)
{
    private static readonly ImmutableArray<Material> Table = [Material.Table];
    private static readonly ImmutableArray<Material> Smithy = [Material.Table, Material.Furnace];
    private static readonly ImmutableArray<Material> Ground = [Material.Grass, Material.Sand, Material.Path];

    /// <summary>Tools, made near all of <see cref="Where"/>.</summary>
    public static Recipe ForTool(Item tool) => tool switch
    {
        Item.WoodPickaxe => new(Achievement.MakeWoodPickaxe, [(Item.Wood, 1)], Table),
        Item.StonePickaxe => new(Achievement.MakeStonePickaxe, [(Item.Wood, 1), (Item.Stone, 1)], Table),
        Item.IronPickaxe => new(Achievement.MakeIronPickaxe, [(Item.Wood, 1), (Item.Coal, 1), (Item.Iron, 1)], Smithy),
        Item.WoodSword => new(Achievement.MakeWoodSword, [(Item.Wood, 1)], Table),
        Item.StoneSword => new(Achievement.MakeStoneSword, [(Item.Wood, 1), (Item.Stone, 1)], Table),
        Item.IronSword => new(Achievement.MakeIronSword, [(Item.Wood, 1), (Item.Coal, 1), (Item.Iron, 1)], Smithy),
        _ => throw new ArgumentOutOfRangeException(nameof(tool), tool, "not a tool"),
    };

    /// <summary>What is placed on one of <see cref="Where"/>; a sapling when no material.</summary>
    public static Recipe ForPlacing(Material material) => material switch
    {
        Material.Stone => new(Achievement.PlaceStone, [(Item.Stone, 1)], [.. Ground, Material.Water, Material.Lava]),
        Material.Table => new(Achievement.PlaceTable, [(Item.Wood, 2)], Ground),
        Material.Furnace => new(Achievement.PlaceFurnace, [(Item.Stone, 4)], Ground),
        _ => new(Achievement.PlacePlant, [(Item.Sapling, 1)], [Material.Grass]),
    };
}
