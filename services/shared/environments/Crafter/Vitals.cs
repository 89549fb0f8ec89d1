namespace Dreamer.Environments.Crafter;

/// <summary>Hunger, thirst and fatigue, which use up food, drink and energy, and the recovery that turns those into health.</summary>
internal sealed class Vitals(Inventory inventory)
{
    private double hunger;
    private double thirst;
    private double fatigue;
    private double recovery;

    public void Eat() => hunger = 0;

    public void Drink() => thirst = 0;

    /// <summary>One step; sleep halves the needs.</summary>
    /// <returns>The change of health.</returns>
    public int Pass(bool sleeping)
    {
        var need = sleeping ? 0.5 : 1;
        inventory[Item.Food] -= Exceeds(ref hunger, need, 25);
        inventory[Item.Drink] -= Exceeds(ref thirst, need, 20);
        Tire(sleeping);
        var well = inventory[Item.Food] > 0 && inventory[Item.Drink] > 0 && (inventory[Item.Energy] > 0 || sleeping);
        return Recover(well ? sleeping ? 2 : 1 : -need);
    }

    private static int Exceeds(ref double level, double increase, double limit)
    {
        level += increase;
        if (level <= limit)
        {
            return 0;
        }

        level = 0;
        return 1;
    }

    private void Tire(bool sleeping)
    {
        fatigue = sleeping ? Math.Min(fatigue - 1, 0) : fatigue + 1;
        if (fatigue is < -10 or > 30)
        {
            inventory[Item.Energy] += fatigue < 0 ? 1 : -1;
            fatigue = 0;
        }
    }

    private int Recover(double change)
    {
        recovery += change;
        if (recovery is <= 25 and >= -15)
        {
            return 0;
        }

        var health = recovery > 0 ? 1 : -1;
        recovery = 0;
        return health;
    }
}
