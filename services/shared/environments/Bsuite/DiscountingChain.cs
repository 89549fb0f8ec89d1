using Dreamer.Environments.Games;
using Dreamer.Environments.Rendering;
using Dreamer.Environments.Tasks;

namespace Dreamer.Environments.Bsuite;

/// <summary>
/// The first of 100 actions chooses after how many steps 1 is paid: 1, 3, 10, 30 or 100. One of the five pays 1.1.
/// Vector: the choice, -1 before it, and the time passed.
/// </summary>
/// <param name="bonus">Which pays more, 1 to 5 from the soonest to the latest.</param>
/// <exception cref="ArgumentException">There is no such chain.</exception>
public sealed class DiscountingChain(int bonus) : IGame
{
    /// <summary>Choices.</summary>
    public const int Chains = 5;

    private const int Length = 100;
    private static readonly int[] PayTimes = [1, 3, 10, 30, 100];

    private readonly int bonus = bonus is >= 1 and <= Chains
        ? bonus
        : throw new ArgumentException($"env.difficulty must be 1 to {Chains} for bsuite_discounting_chain, got {bonus}.", nameof(bonus));

    private int choice;
    private int time;

    public int Actions => Chains;

    public int VectorSize => 2;

    public void Reset() => (choice, time) = (-1, 0);

    public Outcome Advance(int action)
    {
        choice = time == 0 ? action : choice;
        time++;
        var pay = choice + 1 == bonus ? 1.1 : 1;
        return new Outcome(time == PayTimes[choice] ? pay : 0, time == Length);
    }

    public void Observe(Span<float> vector) => (vector[0], vector[1]) = (choice, (float)((double)time / Length));

    public void Draw(Canvas canvas)
    {
        Span<float> values = stackalloc float[Chains + 1];
        values.Clear();
        values[Chains] = (float)time / Length;
        if (choice >= 0)
        {
            values[choice] = 1;
        }
        else
        {
            values[..Chains].Fill(-1);
        }

        MatrixPicture.Draw(canvas, values, rows: 1, values.Length);
    }
}
