namespace Dreamer.Environments.Crafter;

/// <summary>A sapling that ripens into food, unless creatures beside it trample it.</summary>
internal sealed class Plant : WorldObject
{
    private const int RipeAge = 300;

    private int age;

    public Plant(World world, Cell position) : base(world, position) => Health = 1;

    public bool IsRipe => age > RipeAge;

    public override string Tile => IsRipe ? "plant-ripe" : "plant";

    public void Harvest() => age = 0;

    public override void Update()
    {
        age++;
        foreach (var direction in Cell.Directions)
        {
            if (World.ObjectAt(Position + direction) is Zombie or Skeleton or Cow)
            {
                Health--;
                break;
            }
        }

        if (Health <= 0)
        {
            World.Remove(this);
        }
    }
}
