namespace Dreamer.Environments.MinAtar;

/// <summary>A view of the observation: [10, 10, C] row major, 1 where a channel's object is.</summary>
public readonly ref struct MinAtarBoard(Span<float> cells, int channels)
{
    /// <summary>Rows and columns.</summary>
    public const int Size = 10;

    private readonly Span<float> cells = cells;

    /// <summary>Marks a cell; what lies outside the board is not seen.</summary>
    public void Mark(int column, int row, int channel)
    {
        if (Contains(column) && Contains(row))
        {
            cells[(((row * Size) + column) * channels) + channel] = 1;
        }
    }

    /// <summary>Whether a row or column is on the board.</summary>
    public static bool Contains(int index) => index is >= 0 and < Size;
}
