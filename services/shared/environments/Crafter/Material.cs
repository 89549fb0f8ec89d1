namespace Dreamer.Environments.Crafter;

/// <summary>What a cell of the world is made of; the numbers are the original's.</summary>
public enum Material : byte
{
    /// <summary>Outside the world.</summary>
    None,
    Water,
    Grass,
    Stone,
    Path,
    Sand,
    Tree,
    Lava,
    Coal,
    Iron,
    Diamond,
    Table,
    Furnace,
}
