namespace Dreamer.Environments.Crafter;

/// <summary>The 22 things to have done once; the score of an agent counts them (see <see cref="CrafterScore"/>).</summary>
public enum Achievement
{
    CollectCoal,
    CollectDiamond,
    CollectDrink,
    CollectIron,
    CollectSapling,
    CollectStone,
    CollectWood,
    DefeatSkeleton,
    DefeatZombie,
    EatCow,
    EatPlant,
    MakeIronPickaxe,
    MakeIronSword,
    MakeStonePickaxe,
    MakeStoneSword,
    MakeWoodPickaxe,
    MakeWoodSword,
    PlaceFurnace,
    PlacePlant,
    PlaceStone,
    PlaceTable,
    WakeUp,
}
