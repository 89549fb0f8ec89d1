using System.Collections.Immutable;

namespace Dreamer.Environments.Crafter;

/// <summary>How much of each item the player has.</summary>
internal sealed class Inventory
{
    public const int Maximum = 9;
    private const int Vital = 4;

    private readonly int[] amounts = new int[Enum.GetValues<Item>().Length];

    public Inventory() => Array.Fill(amounts, Maximum, 0, Vital);

    public int Count => amounts.Length;

    public int this[Item item]
    {
        get => amounts[(int)item];
        set => amounts[(int)item] = value;
    }

    /// <summary>Pays if it can.</summary>
    public bool TryUse(ImmutableArray<(Item Item, int Count)> uses)
    {
        foreach (var (item, count) in uses)
        {
            if (this[item] < count)
            {
                return false;
            }
        }

        foreach (var (item, count) in uses)
        {
            this[item] -= count;
        }

        return true;
    }

    public void Clamp()
    {
        foreach (ref var amount in amounts.AsSpan())
        {
            amount = Math.Clamp(amount, 0, Maximum);
        }
    }
}
