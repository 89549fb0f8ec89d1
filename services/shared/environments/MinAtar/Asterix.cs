using Dreamer.Environments.Numpy;
using Dreamer.Environments.Rendering;

namespace Dreamer.Environments.MinAtar;

/// <summary>
/// Things cross the board from both sides: gold is worth 1, the rest is deadly. They come and move faster as time goes by.
/// Channels: player, enemy, trail, gold.
/// </summary>
public sealed class Asterix : IMinAtarRules
{
    private const int Lanes = MinAtarBoard.Size - 2;
    private const int RampInterval = 100;

    private readonly (Mover Mover, bool Gold)?[] lanes = new (Mover, bool)?[Lanes];
    private int column;
    private int row;
    private int spawnInterval;
    private int spawnTimer;
    private int moveInterval;
    private int moveTimer;
    private int rampTimer;
    private int ramps;

    public IReadOnlyList<Rgb> Colours { get; } = [new(90, 160, 250), new(230, 70, 70), new(110, 110, 110), new(250, 210, 60)];

    public void Reset(RandomState random)
    {
        Array.Clear(lanes);
        (column, row) = (5, 5);
        spawnInterval = spawnTimer = 10;
        moveInterval = moveTimer = 5;
        (rampTimer, ramps) = (RampInterval, 0);
    }

    public (int Reward, bool Over) Advance(MinAtarAction action, RandomState random)
    {
        if (spawnTimer == 0)
        {
            Spawn(random);
            spawnTimer = spawnInterval;
        }

        (column, row) = action switch
        {
            MinAtarAction.Left => (Math.Max(0, column - 1), row),
            MinAtarAction.Right => (Math.Min(MinAtarBoard.Size - 1, column + 1), row),
            MinAtarAction.Up => (column, Math.Max(1, row - 1)),
            MinAtarAction.Down => (column, Math.Min(Lanes, row + 1)),
            _ => (column, row),
        };

        var (reward, over) = Touch();
        if (moveTimer == 0)
        {
            moveTimer = moveInterval;
            Move();
            var (more, caught) = Touch();
            (reward, over) = (reward + more, over || caught);
        }

        spawnTimer--;
        moveTimer--;
        Ramp();
        return (reward, over);
    }

    public void Show(MinAtarBoard board)
    {
        board.Mark(column, row, 0);
        foreach (var lane in lanes)
        {
            if (lane is var (mover, gold))
            {
                board.Mark(mover.Column, mover.Row, gold ? 3 : 1);
                board.Mark(mover.Trail, mover.Row, 2);
            }
        }
    }

    private void Spawn(RandomState random)
    {
        var rightward = random.Rand() < 0.5;
        var gold = random.Rand() < 1.0 / 3;
        var free = Enumerable.Range(0, Lanes).Where(lane => lanes[lane] is null).ToArray();
        if (free.Length > 0)
        {
            var lane = free[random.RandInt(0, free.Length)];
            lanes[lane] = (new Mover(rightward ? 0 : MinAtarBoard.Size - 1, lane + 1, rightward), gold);
        }
    }

    private void Move()
    {
        for (var lane = 0; lane < Lanes; lane++)
        {
            if (lanes[lane] is var (mover, _))
            {
                mover.Move();
                lanes[lane] = mover.OnBoard ? lanes[lane] : null;
            }
        }
    }

    private (int Reward, bool Over) Touch()
    {
        // One thing per lane, so at most one is where the player is.
        if (lanes[row - 1] is not var (mover, gold) || mover.Column != column)
        {
            return (0, false);
        }

        lanes[row - 1] = gold ? null : lanes[row - 1];
        return (gold ? 1 : 0, !gold);
    }

    private void Ramp()
    {
        if (spawnInterval <= 1 && moveInterval <= 1)
        {
            return;
        }

        if (rampTimer >= 0)
        {
            rampTimer--;
            return;
        }

        moveInterval -= moveInterval > 1 && ramps % 2 == 1 ? 1 : 0;
        spawnInterval -= spawnInterval > 1 ? 1 : 0;
        ramps++;
        rampTimer = RampInterval;
    }
}
