namespace Dreamer.Environments.Crafter;

/// <summary>Wanders about.</summary>
internal sealed class Cow : WorldObject
{
    public Cow(World world, Cell position) : base(world, position) => Health = 3;

    public override string Tile => "cow";

    public override void Update()
    {
        if (Health <= 0)
        {
            World.Remove(this);
        }

        if (Random.Rand() < 0.5)
        {
            Move(RandomDirection());
        }
    }
}
