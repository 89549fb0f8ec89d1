using Dreamer.Environments.Games;
using Dreamer.Environments.Numpy;
using Dreamer.Environments.Rendering;
using Dreamer.Environments.Tasks;

namespace Dreamer.Environments.MinAtar;

/// <summary>
/// A MinAtar game as its authors benchmark it: six actions, of which one in ten is replaced by the action before, and rising
/// difficulty. Vector: the board [10 * 10 * C] row major, 0 or 1. Image: the same in colour.
/// </summary>
/// <param name="rules">Owned: they keep the state of the episode.</param>
/// <param name="seed">The original's seed.</param>
public sealed class MinAtarGame(IMinAtarRules rules, ulong seed) : IGame
{
    private const double StickyProbability = 0.1;

    private readonly RandomState random = RandomState.FromSeed(seed);
    private MinAtarAction last = MinAtarAction.Stay;

    public int Actions => 6;

    public int VectorSize => MinAtarBoard.Size * MinAtarBoard.Size * rules.Colours.Count;

    public void Reset() => rules.Reset(random);

    public Outcome Advance(int action)
    {
        last = random.Rand() < StickyProbability ? last : (MinAtarAction)action;
        var (reward, over) = rules.Advance(last, random);
        return new Outcome(reward, over);
    }

    public void Observe(Span<float> vector)
    {
        vector.Clear();
        rules.Show(new MinAtarBoard(vector, rules.Colours.Count));
    }

    public void Draw(Canvas canvas)
    {
        Span<float> cells = stackalloc float[VectorSize];
        Observe(cells);
        canvas.Clear(new Rgb(0, 0, 0));
        var channels = rules.Colours.Count;
        for (var cell = 0; cell < MinAtarBoard.Size * MinAtarBoard.Size; cell++)
        {
            var channel = cells.Slice(cell * channels, channels).IndexOf(1);
            if (channel >= 0)
            {
                canvas.Cell(cell / MinAtarBoard.Size, cell % MinAtarBoard.Size, MinAtarBoard.Size, MinAtarBoard.Size, rules.Colours[channel]);
            }
        }
    }
}
