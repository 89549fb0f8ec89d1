namespace Dreamer.Environments.Crafter;

/// <summary>The 17 actions in the original's order.</summary>
public enum CrafterAction
{
    Noop,
    MoveLeft,
    MoveRight,
    MoveUp,
    MoveDown,
    Do,
    Sleep,
    PlaceStone,
    PlaceTable,
    PlaceFurnace,
    PlacePlant,
    MakeWoodPickaxe,
    MakeStonePickaxe,
    MakeIronPickaxe,
    MakeWoodSword,
    MakeStoneSword,
    MakeIronSword,
}
