using Dreamer.Environments.Numpy;
using Dreamer.Environments.Rendering;

namespace Dreamer.Environments.MinAtar;

/// <summary>
/// Shoot the aliens, 1 each, before they or their bullets reach the cannon. They move faster the fewer they are, and each
/// wave starts faster than the one before. Channels: cannon, alien, alien moving left, alien moving right, own bullet, enemy bullet.
/// </summary>
public sealed class SpaceInvaders : IMinAtarRules
{
    private const int Size = MinAtarBoard.Size;
    private const int Last = Size - 1;
    private const int ShotCooldown = 5;
    private const int EnemyShotInterval = 10;
    private const int SlowestMove = 12;
    private const int FastestMove = 6;

    private readonly bool[,] ownBullets = new bool[Size, Size];
    private readonly bool[,] enemyBullets = new bool[Size, Size];
    private readonly bool[,] aliens = new bool[Size, Size];
    private int cannon;
    private int direction;
    private int moveInterval;
    private int moveTimer;
    private int enemyShotTimer;
    private int shotTimer;

    public IReadOnlyList<Rgb> Colours { get; } =
        [new(90, 160, 250), new(120, 220, 90), new(120, 220, 90), new(120, 220, 90), new(250, 250, 250), new(230, 70, 70)];

    public void Reset(RandomState random)
    {
        Array.Clear(ownBullets);
        Array.Clear(enemyBullets);
        Array.Clear(aliens);
        RaiseWave();
        (cannon, direction, shotTimer) = (5, -1, 0);
        moveInterval = moveTimer = SlowestMove;
        enemyShotTimer = EnemyShotInterval;
    }

    public (int Reward, bool Over) Advance(MinAtarAction action, RandomState random)
    {
        Act(action);
        Shift(ownBullets, -1, 0);
        Shift(enemyBullets, 1, 0);
        var over = enemyBullets[Last, cannon];
        over |= MoveAliens();
        if (enemyShotTimer == 0)
        {
            enemyShotTimer = EnemyShotInterval;
            Shoot();
        }

        var reward = Hit();
        shotTimer -= shotTimer > 0 ? 1 : 0;
        moveTimer--;
        enemyShotTimer--;
        if (Count() == 0)
        {
            moveInterval -= moveInterval > FastestMove ? 1 : 0;
            RaiseWave();
        }

        return (reward, over);
    }

    public void Show(MinAtarBoard board)
    {
        board.Mark(cannon, Last, 0);
        for (var row = 0; row < Size; row++)
        {
            for (var column = 0; column < Size; column++)
            {
                if (aliens[row, column])
                {
                    board.Mark(column, row, 1);
                    board.Mark(column, row, direction < 0 ? 2 : 3);
                }

                if (ownBullets[row, column])
                {
                    board.Mark(column, row, 4);
                }

                if (enemyBullets[row, column])
                {
                    board.Mark(column, row, 5);
                }
            }
        }
    }

    private void Act(MinAtarAction action)
    {
        if (action == MinAtarAction.Fire && shotTimer == 0)
        {
            ownBullets[Last, cannon] = true;
            shotTimer = ShotCooldown;
        }

        cannon = action switch
        {
            MinAtarAction.Left => Math.Max(0, cannon - 1),
            MinAtarAction.Right => Math.Min(Last, cannon + 1),
            _ => cannon,
        };
    }

    /// <summary>One step sideways, or down and back at the border.</summary>
    /// <returns>Whether an alien reached the cannon or the ground.</returns>
    private bool MoveAliens()
    {
        var over = aliens[Last, cannon];
        if (moveTimer > 0)
        {
            return over;
        }

        moveTimer = Math.Min(Count(), moveInterval);
        if (AnyInColumn(direction < 0 ? 0 : Last))
        {
            direction = -direction;
            over |= Enumerable.Range(0, Size).Any(column => aliens[Last, column]);
            Shift(aliens, 1, 0);
        }
        else
        {
            Shift(aliens, 0, direction);
        }

        return over | aliens[Last, cannon];
    }

    /// <summary>The lowest alien of the column nearest to the cannon shoots; of two columns as near the left one.</summary>
    private void Shoot()
    {
        foreach (var column in Enumerable.Range(0, Size).OrderBy(column => Math.Abs(column - cannon)))
        {
            for (var row = Last; row >= 0; row--)
            {
                if (aliens[row, column])
                {
                    enemyBullets[row, column] = true;
                    return;
                }
            }
        }
    }

    private int Hit()
    {
        var hits = 0;
        for (var row = 0; row < Size; row++)
        {
            for (var column = 0; column < Size; column++)
            {
                if (aliens[row, column] && ownBullets[row, column])
                {
                    aliens[row, column] = ownBullets[row, column] = false;
                    hits++;
                }
            }
        }

        return hits;
    }

    private void RaiseWave()
    {
        for (var row = 0; row < 4; row++)
        {
            for (var column = 2; column < 8; column++)
            {
                aliens[row, column] = true;
            }
        }
    }

    private int Count() => aliens.Cast<bool>().Count(alien => alien);

    private bool AnyInColumn(int column) => Enumerable.Range(0, Size).Any(row => aliens[row, column]);

    // Bullets leave the board; aliens turn before they could.
    private static void Shift(bool[,] map, int down, int right)
    {
        var before = (bool[,])map.Clone();
        for (var row = 0; row < Size; row++)
        {
            for (var column = 0; column < Size; column++)
            {
                var (fromRow, fromColumn) = (row - down, column - right);
                map[row, column] = MinAtarBoard.Contains(fromRow) && MinAtarBoard.Contains(fromColumn) && before[fromRow, fromColumn];
            }
        }
    }
}
