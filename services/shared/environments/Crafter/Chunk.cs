namespace Dreamer.Environments.Crafter;

/// <summary>A part of the world whose population is balanced on its own; right and bottom are the first cells outside.</summary>
internal sealed class Chunk(int left, int top, int right, int bottom)
{
    public int Left => left;

    public int Top => top;

    /// <summary>In the order in which they came.</summary>
    public List<WorldObject> Objects { get; } = [];

    /// <summary>Its cells of a material, column by column.</summary>
    public void Find(World world, Material material, List<Cell> cells)
    {
        cells.Clear();
        for (var x = left; x < right; x++)
        {
            for (var y = top; y < bottom; y++)
            {
                if (world[new Cell(x, y)] == material)
                {
                    cells.Add(new Cell(x, y));
                }
            }
        }
    }
}
