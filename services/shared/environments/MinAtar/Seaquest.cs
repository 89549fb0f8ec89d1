using Dreamer.Environments.Numpy;
using Dreamer.Environments.Rendering;

namespace Dreamer.Environments.MinAtar;

/// <summary>
/// A submarine shoots fish and enemy submarines, 1 each, and picks up to six divers. It must surface before its oxygen runs
/// out, with at least one diver, and is paid up to 10 by the oxygen left when it carries all six. Each surfacing makes the
/// enemies come and move faster. Channels: submarine front, back, own bullet, trail, enemy bullet, fish, enemy submarine,
/// oxygen gauge, diver gauge, diver.
/// </summary>
public sealed class Seaquest : IMinAtarRules
{
    private const int Last = MinAtarBoard.Size - 1;
    private const int SeaBed = Last - 1;
    private const int MaxOxygen = 200;
    private const int MaxDivers = 6;
    private const int ShotCooldown = 5;
    private const int EnemyShotInterval = 10;
    private const int DiverSpawnInterval = 30;
    private const int DiverMoveInterval = 5;

    private readonly List<Mover> ownBullets = [];
    private readonly List<Mover> enemyBullets = [];
    private readonly List<Mover> fish = [];
    private readonly List<Mover> submarines = [];
    private readonly List<Mover> divers = [];
    private int column;
    private int row;
    private bool rightward;
    private bool surfaced;
    private int oxygen;
    private int carried;
    private int shotTimer;
    private int spawnInterval;
    private int spawnTimer;
    private int diverTimer;
    private int moveInterval;
    private int ramps;

    public IReadOnlyList<Rgb> Colours { get; } =
    [
        new(250, 210, 60), new(190, 150, 40), new(250, 250, 250), new(80, 90, 110), new(230, 70, 70), new(120, 220, 90),
        new(200, 90, 200), new(90, 160, 250), new(230, 140, 60), new(230, 140, 60),
    ];

    public void Reset(RandomState random)
    {
        foreach (var list in (ReadOnlySpan<List<Mover>>)[ownBullets, enemyBullets, fish, submarines, divers])
        {
            list.Clear();
        }

        (column, row, rightward, surfaced) = (5, 0, false, true);
        (oxygen, carried, shotTimer, ramps) = (MaxOxygen, 0, 0, 0);
        spawnInterval = spawnTimer = 20;
        (diverTimer, moveInterval) = (DiverSpawnInterval, 5);
    }

    public (int Reward, bool Over) Advance(MinAtarAction action, RandomState random)
    {
        Spawn(random);
        Act(action);
        var reward = MoveOwnBullets();
        MoveDivers();
        var over = MoveEnemies(submarines, ref reward);
        ShootBack();
        over |= MoveEnemyBullets();
        over |= MoveEnemies(fish, ref reward);
        spawnTimer -= spawnTimer > 0 ? 1 : 0;
        diverTimer -= diverTimer > 0 ? 1 : 0;
        shotTimer -= shotTimer > 0 ? 1 : 0;
        over |= Breathe(ref reward);
        return (reward, over);
    }

    public void Show(MinAtarBoard board)
    {
        board.Mark(column, row, 0);
        board.Mark(column + (rightward ? -1 : 1), row, 1);
        for (var cell = 0; cell < Math.Max(oxygen, 0) * MinAtarBoard.Size / MaxOxygen; cell++)
        {
            board.Mark(cell, Last, 7);
        }

        for (var cell = Last - carried; cell < Last; cell++)
        {
            board.Mark(cell, Last, 8);
        }

        Mark(board, ownBullets, 2, trail: false);
        Mark(board, enemyBullets, 4, trail: false);
        Mark(board, fish, 5, trail: true);
        Mark(board, submarines, 6, trail: true);
        Mark(board, divers, 9, trail: true);
    }

    private static void Mark(MinAtarBoard board, List<Mover> movers, int channel, bool trail)
    {
        foreach (var mover in movers)
        {
            board.Mark(mover.Column, mover.Row, channel);
            if (trail)
            {
                board.Mark(mover.Trail, mover.Row, 3);
            }
        }
    }

    private void Spawn(RandomState random)
    {
        if (spawnTimer == 0)
        {
            SpawnEnemy(random);
            spawnTimer = spawnInterval;
        }

        if (diverTimer == 0)
        {
            var toRight = random.Rand() < 0.5;
            divers.Add(new Mover(toRight ? 0 : Last, (int)random.RandInt(1, Last), toRight, DiverMoveInterval));
            diverTimer = DiverSpawnInterval;
        }
    }

    private void SpawnEnemy(RandomState random)
    {
        var toRight = random.Rand() < 0.5;
        var submarine = random.Rand() < 1.0 / 3;
        var lane = (int)random.RandInt(1, Last);

        // Enemies that would meet head-on in a lane are not let in.
        if (!fish.Concat(submarines).Any(enemy => enemy.Row == lane && enemy.Rightward != toRight))
        {
            (submarine ? submarines : fish).Add(new Mover(toRight ? 0 : Last, lane, toRight, moveInterval) { ShotTimer = EnemyShotInterval });
        }
    }

    private void Act(MinAtarAction action)
    {
        switch (action)
        {
            case MinAtarAction.Left:
                (column, rightward) = (Math.Max(0, column - 1), false);
                break;
            case MinAtarAction.Right:
                (column, rightward) = (Math.Min(Last, column + 1), true);
                break;
            case MinAtarAction.Up:
                row = Math.Max(0, row - 1);
                break;
            case MinAtarAction.Down:
                row = Math.Min(SeaBed, row + 1);
                break;
            case MinAtarAction.Fire when shotTimer == 0:
                ownBullets.Add(new Mover(column, row, rightward));
                shotTimer = ShotCooldown;
                break;
        }
    }

    private int MoveOwnBullets()
    {
        ownBullets.ForEach(bullet => bullet.Move());
        ownBullets.RemoveAll(bullet => !bullet.OnBoard);
        return ownBullets.RemoveAll(bullet => RemoveFirst(fish, bullet) || RemoveFirst(submarines, bullet));
    }

    private static bool RemoveFirst(List<Mover> targets, Mover bullet)
    {
        var hit = targets.FindIndex(target => target.IsAt(bullet.Column, bullet.Row));
        if (hit >= 0)
        {
            targets.RemoveAt(hit);
        }

        return hit >= 0;
    }

    private void MoveDivers() => divers.RemoveAll(diver => PickUp(diver) || (diver.Tick(DiverMoveInterval) && (!diver.OnBoard || PickUp(diver))));

    private bool PickUp(Mover diver)
    {
        var picked = carried < MaxDivers && diver.IsAt(column, row);
        carried += picked ? 1 : 0;
        return picked;
    }

    /// <summary>Moves fish or submarines; those that ran into a bullet are gone.</summary>
    /// <returns>Whether one rammed the player.</returns>
    private bool MoveEnemies(List<Mover> enemies, ref int reward)
    {
        var rammed = enemies.Exists(enemy => enemy.IsAt(column, row));
        enemies.RemoveAll(enemy => enemy.Tick(moveInterval) && !enemy.OnBoard);
        rammed |= enemies.Exists(enemy => enemy.IsAt(column, row));
        reward += enemies.RemoveAll(enemy => RemoveFirst(ownBullets, enemy));
        return rammed;
    }

    private void ShootBack()
    {
        foreach (var submarine in submarines)
        {
            if (submarine.ShotTimer > 0)
            {
                submarine.ShotTimer--;
                continue;
            }

            submarine.ShotTimer = EnemyShotInterval;
            enemyBullets.Add(new Mover(submarine.Column, submarine.Row, submarine.Rightward));
        }
    }

    private bool MoveEnemyBullets()
    {
        var hit = enemyBullets.Exists(bullet => bullet.IsAt(column, row));
        enemyBullets.ForEach(bullet => bullet.Move());
        enemyBullets.RemoveAll(bullet => !bullet.OnBoard);
        return hit || enemyBullets.Exists(bullet => bullet.IsAt(column, row));
    }

    /// <returns>Whether the crew suffocated, or came up without a diver.</returns>
    private bool Breathe(ref int reward)
    {
        var suffocated = oxygen <= 0;
        if (row > 0)
        {
            oxygen--;
            surfaced = false;
            return suffocated;
        }

        if (surfaced)
        {
            return suffocated;
        }

        surfaced = true;
        if (carried == 0)
        {
            return true;
        }

        // The original empties a full hold and then takes one diver more, so that a seventh starts at one less than none.
        reward += carried == MaxDivers ? oxygen * 10 / MaxOxygen : 0;
        carried = (carried == MaxDivers ? 0 : carried) - 1;
        oxygen = MaxOxygen;
        Ramp();
        return suffocated;
    }

    private void Ramp()
    {
        if (spawnInterval > 1 || moveInterval > 2)
        {
            moveInterval -= moveInterval > 2 && ramps % 2 == 1 ? 1 : 0;
            spawnInterval -= spawnInterval > 1 ? 1 : 0;
            ramps++;
        }
    }
}
