using Dreamer.Environments.Numpy;

namespace Dreamer.Environments.Crafter;

/// <summary>
/// Something that stands on a cell and acts once per step. One that was removed may still finish its step, as in the original.
/// </summary>
internal abstract class WorldObject(World world, Cell position)
{
    private int health;

    public Cell Position { get; set; } = position;

    public bool Removed { get; set; }

    /// <summary>Never below zero.</summary>
    public virtual int Health
    {
        get => health;
        set => health = Math.Max(0, value);
    }

    /// <summary>Name of its tile.</summary>
    public abstract string Tile { get; }

    protected World World => world;

    protected RandomState Random => world.Random;

    public abstract void Update();

    protected virtual bool CanEnter(Material material) => material is Material.Grass or Material.Path or Material.Sand;

    protected bool IsFree(Cell target) => CanEnter(world[target]) && world.ObjectAt(target) is null;

    protected bool Move(Cell direction)
    {
        var target = Position + direction;
        if (!IsFree(target))
        {
            return false;
        }

        world.Move(this, target);
        return true;
    }

    /// <summary>One step toward a place along the longer way, or along the shorter one.</summary>
    protected Cell Toward(Cell target, bool longAxis = true)
    {
        var (x, y) = target - Position;
        var horizontal = Math.Abs(x) > Math.Abs(y);
        return horizontal == longAxis ? new Cell(Math.Sign(x), 0) : new Cell(0, Math.Sign(y));
    }

    protected Cell RandomDirection() => Cell.Directions[(int)Random.RandInt(0, Cell.Directions.Count)];
}
