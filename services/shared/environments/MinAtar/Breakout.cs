using Dreamer.Environments.Numpy;
using Dreamer.Environments.Rendering;

namespace Dreamer.Environments.MinAtar;

/// <summary>
/// Bounce the ball off the paddle into three rows of bricks, 1 each; the rows come back when all are broken. Over when the
/// ball passes the paddle. Channels: paddle, ball, trail, brick.
/// </summary>
public sealed class Breakout : IMinAtarRules
{
    private const int Last = MinAtarBoard.Size - 1;
    private const int FirstBrickRow = 1;
    private const int BrickRows = 3;

    private readonly bool[] bricks = new bool[MinAtarBoard.Size * MinAtarBoard.Size];
    private (int Column, int Row) ball;
    private (int Column, int Row) trail;
    private (int Column, int Row) speed;
    private int paddle;
    private bool insideWall;

    public IReadOnlyList<Rgb> Colours { get; } = [new(90, 160, 250), new(250, 250, 250), new(110, 110, 110), new(220, 100, 60)];

    public void Reset(RandomState random)
    {
        var fromRight = random.RandInt(0, 2) == 1;
        ball = trail = (fromRight ? Last : 0, 3);
        speed = (fromRight ? -1 : 1, 1);
        paddle = 4;
        insideWall = false;
        Array.Clear(bricks);
        RaiseWall();
    }

    public (int Reward, bool Over) Advance(MinAtarAction action, RandomState random)
    {
        paddle = action switch
        {
            MinAtarAction.Left => Math.Max(0, paddle - 1),
            MinAtarAction.Right => Math.Min(Last, paddle + 1),
            _ => paddle,
        };

        trail = ball;
        var (column, row) = (ball.Column + speed.Column, ball.Row + speed.Row);
        if (!MinAtarBoard.Contains(column))
        {
            column = Math.Clamp(column, 0, Last);
            speed.Column = -speed.Column;
        }

        var (reward, over, inBricks) = (0, false, false);
        if (row < 0)
        {
            (row, speed.Row) = (0, -speed.Row);
        }
        else if (bricks[Cell(column, row)])
        {
            // A ball that came in between bricks breaks no second one before it is out again.
            inBricks = true;
            if (!insideWall)
            {
                reward = 1;
                bricks[Cell(column, row)] = false;
                (row, speed.Row) = (trail.Row, -speed.Row);
            }
        }
        else if (row == Last)
        {
            if (!bricks.Contains(true))
            {
                RaiseWall();
            }

            if (trail.Column == paddle)
            {
                (row, speed.Row) = (trail.Row, -speed.Row);
            }
            else if (column == paddle)
            {
                // Met with the edge of the paddle: straight back.
                (row, speed) = (trail.Row, (-speed.Column, -speed.Row));
            }
            else
            {
                over = true;
            }
        }

        insideWall = inBricks;
        ball = (column, row);
        return (reward, over);
    }

    public void Show(MinAtarBoard board)
    {
        board.Mark(paddle, Last, 0);
        board.Mark(ball.Column, ball.Row, 1);
        board.Mark(trail.Column, trail.Row, 2);
        for (var cell = 0; cell < bricks.Length; cell++)
        {
            if (bricks[cell])
            {
                board.Mark(cell % MinAtarBoard.Size, cell / MinAtarBoard.Size, 3);
            }
        }
    }

    private static int Cell(int column, int row) => (row * MinAtarBoard.Size) + column;

    private void RaiseWall() => bricks.AsSpan(FirstBrickRow * MinAtarBoard.Size, BrickRows * MinAtarBoard.Size).Fill(true);
}
