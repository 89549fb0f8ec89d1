namespace Dreamer.Environments.Crafter;

/// <summary>Comes after a player that is near and strikes every sixth step, harder when the player sleeps.</summary>
internal sealed class Zombie : WorldObject
{
    private const int Sight = 8;
    private const int Cooldown = 5;

    private readonly Player player;
    private int cooldown;

    public Zombie(World world, Cell position, Player player) : base(world, position) => (this.player, Health) = (player, 5);

    public override string Tile => "zombie";

    public override void Update()
    {
        if (Health <= 0)
        {
            World.Remove(this);
        }

        var chases = Position.DistanceTo(player.Position) <= Sight && Random.Rand() < 0.9;
        Move(chases ? Toward(player.Position, Random.Rand() < 0.8) : RandomDirection());
        if (Position.DistanceTo(player.Position) > 1)
        {
            return;
        }

        if (cooldown > 0)
        {
            cooldown--;
            return;
        }

        player.Health -= player.Sleeping ? 7 : 2;
        cooldown = Cooldown;
    }
}
