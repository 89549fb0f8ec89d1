namespace Dreamer.Environments.Crafter;

/// <summary>Flies one cell per step; takes two health from what it hits, and breaks tables and furnaces.</summary>
internal sealed class Arrow(World world, Cell position, Cell direction) : WorldObject(world, position)
{
    /// <summary>Whether its cell is free to fly through.</summary>
    public bool Fits => IsFree(Position);

    public override string Tile => direction switch
    {
        { X: < 0 } => "arrow-left",
        { X: > 0 } => "arrow-right",
        { Y: < 0 } => "arrow-up",
        _ => "arrow-down",
    };

    public override void Update()
    {
        var target = Position + direction;
        if (World.ObjectAt(target) is { } hit)
        {
            hit.Health -= 2;
            World.Remove(this);
        }
        else if (!CanEnter(World[target]))
        {
            World.Remove(this);
            if (World[target] is Material.Table or Material.Furnace)
            {
                World[target] = Material.Path;
            }
        }
        else
        {
            Move(direction);
        }
    }

    protected override bool CanEnter(Material material) => material is Material.Water or Material.Lava || base.CanEnter(material);
}
