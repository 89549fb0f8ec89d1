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
    private const int Ground = Last * Size;
    private const int ShotCooldown = 5;
    private const int EnemyShotInterval = 10;
    private const int SlowestMove = 12;
    private const int FastestMove = 6;

    private readonly bool[] ownBullets = new bool[Size * Size];
    private readonly bool[] enemyBullets = new bool[Size * Size];
    private readonly bool[] aliens = new bool[Size * Size];
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
        Shift(ownBullets, -Size);
        Shift(enemyBullets, Size);
        var over = enemyBullets[Ground + cannon];
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
        if (Count(aliens) == 0)
        {
            moveInterval -= moveInterval > FastestMove ? 1 : 0;
            RaiseWave();
        }

        return (reward, over);
    }

    public void Show(MinAtarBoard board)
    {
        board.Mark(cannon, Last, 0);
        for (var cell = 0; cell < aliens.Length; cell++)
        {
            var (column, row) = (cell % Size, cell / Size);
            if (aliens[cell])
            {
                board.Mark(column, row, 1);
                board.Mark(column, row, direction < 0 ? 2 : 3);
            }

            if (ownBullets[cell])
            {
                board.Mark(column, row, 4);
            }

            if (enemyBullets[cell])
            {
                board.Mark(column, row, 5);
            }
        }
    }

    private void Act(MinAtarAction action)
    {
        if (action == MinAtarAction.Fire && shotTimer == 0)
        {
            ownBullets[Ground + cannon] = true;
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
        var over = aliens[Ground + cannon];
        if (moveTimer > 0)
        {
            return over;
        }

        moveTimer = Math.Min(Count(aliens), moveInterval);
        if (AnyAlienIn(direction < 0 ? 0 : Last))
        {
            direction = -direction;
            over |= aliens.AsSpan(Ground).Contains(true);
            Shift(aliens, Size);
        }
        else
        {
            Shift(aliens, direction);
        }

        return over | aliens[Ground + cannon];
    }

    /// <summary>The lowest alien of the column nearest to the cannon shoots; of two columns as near the left one.</summary>
    private void Shoot()
    {
        foreach (var column in Enumerable.Range(0, Size).OrderBy(column => Math.Abs(column - cannon)))
        {
            for (var cell = Ground + column; cell >= 0; cell -= Size)
            {
                if (aliens[cell])
                {
                    enemyBullets[cell] = true;
                    return;
                }
            }
        }
    }

    private int Hit()
    {
        var hits = 0;
        for (var cell = 0; cell < aliens.Length; cell++)
        {
            if (aliens[cell] && ownBullets[cell])
            {
                aliens[cell] = ownBullets[cell] = false;
                hits++;
            }
        }

        return hits;
    }

    private void RaiseWave()
    {
        for (var row = 0; row < 4; row++)
        {
            aliens.AsSpan((row * Size) + 2, 6).Fill(true);
        }
    }

    private static int Count(bool[] map) => map.AsSpan().Count(true);

    private bool AnyAlienIn(int column) => Enumerable.Range(0, Size).Any(row => aliens[(row * Size) + column]);

    /// <summary>Moves everything by whole cells. Rows leave the board; aliens turn before a column could.</summary>
    private static void Shift(bool[] map, int cells)
    {
        if (cells > 0)
        {
            map.AsSpan(..^cells).CopyTo(map.AsSpan(cells));
            map.AsSpan(..cells).Clear();
        }
        else
        {
            map.AsSpan(-cells..).CopyTo(map);
            map.AsSpan(^-cells..).Clear();
        }
    }
}
