using System.Numerics;
using Dreamer.Environments.Numpy;
using Dreamer.Environments.Rendering;
using Dreamer.Spaces;

namespace Dreamer.Environments.Tasks;

/// <summary>
/// A ball falls down a board of 10 rows and 5 columns; move the paddle (left, stay, right) under it: 1 when caught, -1 when
/// missed. Episodes of 9 steps, so that a learner shows within seconds whether it works. State: ball column, ball row,
/// paddle column. Vector: the board row by row, 1 where ball or paddle is.
/// </summary>
public sealed class Catch : ITaskRules
{
    /// <summary>Columns that a ball can fall in.</summary>
    public const int Columns = 5;

    private const int Rows = 10;

    public ActionSpec Action { get; } = new(ActionKind.Discrete, 3);

    public int StateSize => 3;

    public int VectorSize => Rows * Columns;

    public void Begin(Generator random, Span<double> state) => Place(state, random.Integers(0, Columns));

    /// <summary>The state that an episode starts from, given the column of its ball.</summary>
    public static void Place(Span<double> state, long column)
    {
        state[0] = column;
        state[1] = 0;
        state[2] = Columns / 2;
    }

    public Outcome Advance(Span<double> state, double action)
    {
        state[1]++;
        state[2] = Math.Clamp(state[2] + action - 1, 0, Columns - 1);
        var landed = state[1] == Rows - 1;
        return new Outcome(!landed ? 0 : state[0] == state[2] ? 1 : -1, landed);
    }

    public void Observe(ReadOnlySpan<double> state, Span<float> vector)
    {
        vector.Clear();
        vector[((int)state[1] * Columns) + (int)state[0]] = 1;
        vector[((Rows - 1) * Columns) + (int)state[2]] = 1;
    }

    public void Draw(ReadOnlySpan<double> state, Canvas canvas)
    {
        canvas.Clear(new Rgb(20, 20, 40));
        var cell = new Vector2((float)canvas.Width / Columns, (float)canvas.Height / Rows);
        Fill(canvas, cell, state[2], Rows - 1, new Rgb(80, 200, 120));
        Fill(canvas, cell, state[0], state[1], new Rgb(250, 220, 80));
    }

    private static void Fill(Canvas canvas, Vector2 cell, double column, double row, Rgb colour)
    {
        var corner = new Vector2((float)column * cell.X, (float)row * cell.Y);
        canvas.Polygon([corner, corner + new Vector2(cell.X, 0), corner + cell, corner + new Vector2(0, cell.Y)], colour);
    }
}
