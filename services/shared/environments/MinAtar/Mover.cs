namespace Dreamer.Environments.MinAtar;

/// <summary>
/// Something that crosses the board in its row, one cell each time its timer runs out, or each frame when it has none. Where
/// it came from is shown as a trail.
/// </summary>
internal sealed class Mover(int column, int row, bool rightward, int timer = 0)
{
    public int Column { get; private set; } = column;

    public int Row => row;

    public bool Rightward => rightward;

    /// <summary>The cell that it left behind; may lie outside the board.</summary>
    public int Trail => Column - Direction;

    /// <summary>Frames to the next shot; only submarines shoot.</summary>
    public int ShotTimer { get; set; }

    public bool OnBoard => MinAtarBoard.Contains(Column);

    private int Direction => rightward ? 1 : -1;

    public bool IsAt(int otherColumn, int otherRow) => Column == otherColumn && row == otherRow;

    public void Move() => Column += Direction;

    /// <summary>Counts its timer down and moves at zero, when the timer starts again from <paramref name="interval"/>.</summary>
    /// <returns>Whether it moved.</returns>
    public bool Tick(int interval)
    {
        if (timer > 0)
        {
            timer--;
            return false;
        }

        timer = interval;
        Move();
        return true;
    }
}
