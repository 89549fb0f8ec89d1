namespace Dreamer.Environments.Crafter;

/// <summary>Keeps its distance in the tunnels and shoots arrows.</summary>
internal sealed class Skeleton : WorldObject
{
    private const int Reload = 4;

    private readonly Player player;
    private int reload;

    public Skeleton(World world, Cell position, Player player) : base(world, position) => (this.player, Health) = (player, 3);

    public override string Tile => "skeleton";

    public override void Update()
    {
        if (Health <= 0)
        {
            World.Remove(this);
        }

        reload = Math.Max(0, reload - 1);
        var distance = Position.DistanceTo(player.Position);
        if (distance <= 3 && Move(-Toward(player.Position, Random.Rand() < 0.6)))
        {
            return;
        }

        if (distance <= 5 && Random.Rand() < 0.5)
        {
            Shoot(Toward(player.Position));
        }
        else if (distance <= 8 && Random.Rand() < 0.3)
        {
            Move(Toward(player.Position, Random.Rand() < 0.6));
        }
        else if (Random.Rand() < 0.2)
        {
            Move(RandomDirection());
        }
    }

    private void Shoot(Cell direction)
    {
        var arrow = new Arrow(World, Position + direction, direction);
        if (reload == 0 && direction != default && arrow.Fits)
        {
            World.Add(arrow);
            reload = Reload;
        }
    }
}
