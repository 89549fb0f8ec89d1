namespace Dreamer.Environments.Crafter;

/// <summary>The agent's body: acts, grows hungry, thirsty and tired, and collects achievements.</summary>
internal sealed class Player : WorldObject
{
    private const double SaplingProbability = 0.1;

    private readonly int[] achievements = new int[Enum.GetValues<Achievement>().Length];
    private readonly Vitals vitals;
    private int lastHealth;

    public Player(World world, Cell position) : base(world, position)
    {
        vitals = new Vitals(Inventory);
        lastHealth = Health;
    }

    /// <summary>What to do in the next step; a sleeper sleeps on.</summary>
    public CrafterAction Action { get; set; }

    public Cell Facing { get; private set; } = Cell.Down;

    public bool Sleeping { get; private set; }

    public Inventory Inventory { get; } = new();

    /// <summary>How often each <see cref="Achievement"/> was reached in this episode.</summary>
    public ReadOnlySpan<int> Achievements => achievements;

    public override int Health
    {
        get => Inventory[Item.Health];
        set => Inventory[Item.Health] = Math.Max(0, value);
    }

    public override string Tile => Sleeping ? "player-sleep" : Facing switch
    {
        { X: < 0 } => "player-left",
        { X: > 0 } => "player-right",
        { Y: < 0 } => "player-up",
        _ => "player-down",
    };

    public override void Update()
    {
        WakeUpWhenRested();
        if (Sleeping)
        {
            Action = CrafterAction.Sleep;
        }

        Act(Position + Facing);
        Health += vitals.Pass(Sleeping);
        Inventory.Clamp();
        Sleeping &= Health >= lastHealth;
        lastHealth = Health;
    }

    protected override bool CanEnter(Material material) => material is Material.Lava || base.CanEnter(material);

    private void WakeUpWhenRested()
    {
        if (Sleeping && Inventory[Item.Energy] >= Inventory.Maximum)
        {
            Sleeping = false;
            Achieve(Achievement.WakeUp);
        }
    }

    private void Act(Cell target)
    {
        switch (Action)
        {
            case CrafterAction.Noop:
                break;
            case >= CrafterAction.MoveLeft and <= CrafterAction.MoveDown:
                Walk(Cell.Directions[Action - CrafterAction.MoveLeft]);
                break;
            case CrafterAction.Do when World.ObjectAt(target) is { } ahead:
                Touch(ahead);
                break;
            case CrafterAction.Do:
                Collect(target);
                break;
            case CrafterAction.Sleep:
                Sleeping |= Inventory[Item.Energy] < Inventory.Maximum;
                break;
            case CrafterAction.PlaceStone:
                Place(target, Material.Stone);
                break;
            case CrafterAction.PlaceTable:
                Place(target, Material.Table);
                break;
            case CrafterAction.PlaceFurnace:
                Place(target, Material.Furnace);
                break;
            case CrafterAction.PlacePlant:
                Place(target, Material.None);
                break;
            default:
                Make(Item.WoodPickaxe + (Action - CrafterAction.MakeWoodPickaxe));
                break;
        }
    }

    private void Walk(Cell direction)
    {
        Facing = direction;
        Move(direction);
        if (World[Position] == Material.Lava)
        {
            Health = 0;
        }
    }

    private void Touch(WorldObject ahead)
    {
        switch (ahead)
        {
            case Plant { IsRipe: true } plant:
                plant.Harvest();
                Inventory[Item.Food] += 4;
                Achieve(Achievement.EatPlant);
                break;
            case Zombie when Strike(ahead):
                Achieve(Achievement.DefeatZombie);
                break;
            case Skeleton when Strike(ahead):
                Achieve(Achievement.DefeatSkeleton);
                break;
            case Cow when Strike(ahead):
                Inventory[Item.Food] += 6;
                Achieve(Achievement.EatCow);
                vitals.Eat();
                break;
        }
    }

    private bool Strike(WorldObject target)
    {
        target.Health -= Inventory[Item.IronSword] > 0 ? 5 : Inventory[Item.StoneSword] > 0 ? 3 : Inventory[Item.WoodSword] > 0 ? 2 : 1;
        return target.Health <= 0;
    }

    private void Collect(Cell target)
    {
        var material = World[target];
        if (material == Material.Water)
        {
            vitals.Drink();
        }

        var (item, achievement, tool, leaves) = material switch
        {
            Material.Tree => (Item.Wood, Achievement.CollectWood, default(Item?), Material.Grass),
            Material.Stone => (Item.Stone, Achievement.CollectStone, Item.WoodPickaxe, Material.Path),
            Material.Coal => (Item.Coal, Achievement.CollectCoal, Item.WoodPickaxe, Material.Path),
            Material.Iron => (Item.Iron, Achievement.CollectIron, Item.StonePickaxe, Material.Path),
            Material.Diamond => (Item.Diamond, Achievement.CollectDiamond, Item.IronPickaxe, Material.Path),
            Material.Water => (Item.Drink, Achievement.CollectDrink, null, Material.Water),
            Material.Grass => (Item.Sapling, Achievement.CollectSapling, null, Material.Grass),
            _ => (default, default, null, Material.None),
        };
        if (leaves == Material.None || (tool is { } needed && Inventory[needed] < 1))
        {
            return;
        }

        World[target] = leaves;

        // The original draws even where success is certain.
        if (Random.Rand() <= (material == Material.Grass ? SaplingProbability : 1))
        {
            Inventory[item]++;
            Achieve(achievement);
        }
    }

    private void Place(Cell target, Material material)
    {
        var recipe = Recipe.ForPlacing(material);
        if (World.ObjectAt(target) is not null || !recipe.Where.Contains(World[target]) || !Inventory.TryUse(recipe.Uses))
        {
            return;
        }

        if (material == Material.None)
        {
            World.Add(new Plant(World, target));
        }
        else
        {
            World[target] = material;
        }

        Achieve(recipe.Achievement);
    }

    private void Make(Item tool)
    {
        var recipe = Recipe.ForTool(tool);
        foreach (var material in recipe.Where)
        {
            if (!World.IsNear(Position, material))
            {
                return;
            }
        }

        if (Inventory.TryUse(recipe.Uses))
        {
            Inventory[tool]++;
            Achieve(recipe.Achievement);
        }
    }

    private void Achieve(Achievement achievement) => achievements[(int)achievement]++;
}
