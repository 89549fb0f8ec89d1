using Dreamer.Environments.Numpy;

namespace Dreamer.Environments.Crafter;

/// <summary>
/// A map of 64 x 64 cells and what stands on it. Objects are kept, and act, in the order in which they came, also within the
/// chunks of 12 x 12 cells whose population is balanced: the original leaves that order to memory addresses.
/// </summary>
internal sealed class World(uint seed)
{
    public const int Size = 64;
    private const int ChunkSize = 12;

    private readonly Material[] materials = new Material[Size * Size];
    private readonly WorldObject?[] objectAt = new WorldObject?[Size * Size];
    private readonly List<WorldObject> objects = [];
    private readonly List<Chunk> chunks = [];

    /// <summary>Every draw of an episode comes from here.</summary>
    public RandomState Random { get; } = new(seed);

    /// <summary>0 at night to 1 by day.</summary>
    public double Daylight { get; set; }

    public IReadOnlyList<WorldObject> Objects => objects;

    /// <summary>Those that something has ever stood in.</summary>
    public IReadOnlyList<Chunk> Chunks => chunks;

    /// <summary>The material of a cell; none outside the world.</summary>
    public Material this[Cell cell]
    {
        get => Contains(cell) ? materials[Index(cell)] : Material.None;
        set => materials[Index(cell)] = value;
    }

    public static bool Contains(Cell cell) => cell is { X: >= 0 and < Size, Y: >= 0 and < Size };

    public WorldObject? ObjectAt(Cell cell) => Contains(cell) ? objectAt[Index(cell)] : null;

    public void Add(WorldObject added)
    {
        objects.Add(added);
        objectAt[Index(added.Position)] = added;
        ChunkOf(added.Position).Objects.Add(added);
    }

    public void Remove(WorldObject removed)
    {
        if (!removed.Removed)
        {
            removed.Removed = true;
            objects.Remove(removed);
            objectAt[Index(removed.Position)] = null;
            ChunkOf(removed.Position).Objects.Remove(removed);
        }
    }

    public void Move(WorldObject moved, Cell target)
    {
        if (moved.Removed)
        {
            return;
        }

        objectAt[Index(moved.Position)] = null;
        objectAt[Index(target)] = moved;
        var (from, to) = (ChunkOf(moved.Position), ChunkOf(target));
        if (from != to)
        {
            from.Objects.Remove(moved);
            to.Objects.Add(moved);
        }

        moved.Position = target;
    }

    /// <summary>Whether a material lies within one cell. In the first row and column nothing is near, as in the original.</summary>
    public bool IsNear(Cell centre, Material material)
    {
        if (centre.X < 1 || centre.Y < 1)
        {
            return false;
        }

        for (var x = centre.X - 1; x <= centre.X + 1; x++)
        {
            for (var y = centre.Y - 1; y <= centre.Y + 1; y++)
            {
                if (this[new Cell(x, y)] == material)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static int Index(Cell cell) => (cell.X * Size) + cell.Y;

    private Chunk ChunkOf(Cell cell)
    {
        var (left, top) = (cell.X / ChunkSize * ChunkSize, cell.Y / ChunkSize * ChunkSize);
        foreach (var chunk in chunks)
        {
            if (chunk.Left == left && chunk.Top == top)
            {
                return chunk;
            }
        }

        chunks.Add(new Chunk(left, top, Math.Min(left + ChunkSize, Size), Math.Min(top + ChunkSize, Size)));
        return chunks[^1];
    }
}
