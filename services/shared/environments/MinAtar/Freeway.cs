using Dreamer.Environments.Numpy;
using Dreamer.Environments.Rendering;

namespace Dreamer.Environments.MinAtar;

/// <summary>
/// Cross eight lanes of traffic, one cell every third frame: 1 for each crossing, after which the cars change; a hit sends
/// the player back. Ends only by its limit of 2,500 frames. Channels: player, car, and a trail per speed from fast to slow.
/// </summary>
public sealed class Freeway : IMinAtarRules
{
    private const int Cars = MinAtarBoard.Size - 2;
    private const int Start = MinAtarBoard.Size - 1;
    private const int PlayerColumn = 4;
    private const int PlayerInterval = 3;
    private const int SlowestCar = 5;

    // Signed intervals: frames per cell, negative leftward.
    private readonly int[] intervals = new int[Cars];
    private readonly int[] columns = new int[Cars];
    private readonly int[] timers = new int[Cars];
    private int row;
    private int moveTimer;

    public IReadOnlyList<Rgb> Colours { get; } =
        [new(90, 160, 250), new(250, 210, 60), new(230, 70, 70), new(200, 90, 70), new(170, 100, 80), new(140, 100, 90), new(110, 100, 100)];

    public void Reset(RandomState random)
    {
        DrawCars(random);
        Array.Clear(columns);
        (row, moveTimer) = (Start, PlayerInterval);
    }

    public (int Reward, bool Over) Advance(MinAtarAction action, RandomState random)
    {
        if (moveTimer == 0 && action is MinAtarAction.Up or MinAtarAction.Down)
        {
            moveTimer = PlayerInterval;
            row = action == MinAtarAction.Up ? Math.Max(0, row - 1) : Math.Min(Start, row + 1);
        }

        var crossed = row == 0;
        if (crossed)
        {
            DrawCars(random);
            row = Start;
        }

        for (var car = 0; car < Cars; car++)
        {
            Collide(car);
            if (timers[car] > 0)
            {
                timers[car]--;
                continue;
            }

            timers[car] = Math.Abs(intervals[car]);
            columns[car] = Wrap(columns[car] + Math.Sign(intervals[car]));
            Collide(car);
        }

        moveTimer -= moveTimer > 0 ? 1 : 0;
        return (crossed ? 1 : 0, false);
    }

    public void Show(MinAtarBoard board)
    {
        board.Mark(PlayerColumn, row, 0);
        for (var car = 0; car < Cars; car++)
        {
            board.Mark(columns[car], car + 1, 1);
            board.Mark(Wrap(columns[car] - Math.Sign(intervals[car])), car + 1, 1 + Math.Abs(intervals[car]));
        }
    }

    private static int Wrap(int column) => (column + MinAtarBoard.Size) % MinAtarBoard.Size;

    private void DrawCars(RandomState random)
    {
        for (var car = 0; car < Cars; car++)
        {
            intervals[car] = timers[car] = (int)random.RandInt(1, SlowestCar + 1);
        }

        for (var car = 0; car < Cars; car++)
        {
            intervals[car] *= random.Rand() < 0.5 ? -1 : 1;
        }
    }

    private void Collide(int car) => row = columns[car] == PlayerColumn && car + 1 == row ? Start : row;
}
