namespace Dreamer.Environments.Crafter;

/// <summary>A cell of the world, or the way from one to another; rows count downward.</summary>
public readonly record struct Cell(int X, int Y)
{
    public static readonly Cell Left = new(-1, 0);
    public static readonly Cell Right = new(1, 0);
    public static readonly Cell Up = new(0, -1);
    public static readonly Cell Down = new(0, 1);

    /// <summary>The four directions in the order in which the original draws them.</summary>
    public static IReadOnlyList<Cell> Directions { get; } = [Left, Right, Up, Down];

    public static Cell operator +(Cell left, Cell right) => new(left.X + right.X, left.Y + right.Y);

    public static Cell operator -(Cell left, Cell right) => new(left.X - right.X, left.Y - right.Y);

    public static Cell operator -(Cell cell) => new(-cell.X, -cell.Y);

    /// <summary>Steps between two cells along the grid.</summary>
    public int DistanceTo(Cell other) => Math.Abs(other.X - X) + Math.Abs(other.Y - Y);
}
