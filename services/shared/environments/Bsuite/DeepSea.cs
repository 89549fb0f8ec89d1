using Dreamer.Environments.Games;
using Dreamer.Environments.Numpy;
using Dreamer.Environments.Rendering;
using Dreamer.Environments.Tasks;

namespace Dreamer.Environments.Bsuite;

/// <summary>
/// A diver sinks one row per step through a grid of N x N cells and moves left or right; which action is which differs from cell
/// to cell, always in the same way. Right costs 0.01 / N, and 1 lies at the end of the way that always goes right
/// (Osband et al. 2020). Vector: the grid row by row, 1 where the diver is; zero at the bottom.
/// </summary>
public sealed class DeepSea : IGame
{
    private const double MoveCost = 0.01;
    private const int MappingSeed = 42;

    private readonly int size;
    private readonly bool[] rightIsOne;
    private int row;
    private int column;

    /// <param name="size">Rows and columns, N.</param>
    public DeepSea(int size)
    {
        this.size = size;
        var random = new RandomState(MappingSeed);
        rightIsOne = [.. Enumerable.Range(0, size * size).Select(_ => random.Coin())];
    }

    public int Actions => 2;

    public int VectorSize => size * size;

    public void Reset() => (row, column) = (0, 0);

    public Outcome Advance(int action)
    {
        var right = (action == 1) == rightIsOne[(row * size) + column];
        var reward = right ? (column == size - 1 ? 1 : 0) - (MoveCost / size) : 0;
        column = Math.Clamp(column + (right ? 1 : -1), 0, size - 1);
        row++;
        return new Outcome(reward, row == size);
    }

    public void Observe(Span<float> vector)
    {
        vector.Clear();
        if (row < size)
        {
            vector[(row * size) + column] = 1;
        }
    }

    public void Draw(Canvas canvas)
    {
        var grid = new float[VectorSize];
        Observe(grid);
        MatrixPicture.Draw(canvas, grid, size, size);
    }
}
