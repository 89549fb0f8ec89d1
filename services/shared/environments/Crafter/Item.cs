namespace Dreamer.Environments.Crafter;

/// <summary>What the player has, at most nine of each, in the order in which it is shown.</summary>
public enum Item
{
    Health,
    Food,
    Drink,
    Energy,
    Sapling,
    Wood,
    Stone,
    Coal,
    Iron,
    Diamond,
    WoodPickaxe,
    StonePickaxe,
    IronPickaxe,
    WoodSword,
    StoneSword,
    IronSword,
}
