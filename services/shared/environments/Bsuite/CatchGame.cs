using Dreamer.Environments.Games;
using Dreamer.Environments.Numpy;
using Dreamer.Environments.Rendering;
using Dreamer.Environments.Tasks;

namespace Dreamer.Environments.Bsuite;

/// <summary>The suite's catch: <see cref="Catch"/> with balls from NumPy's older generator.</summary>
public sealed class CatchGame(ulong seed) : IGame
{
    private readonly Catch rules = new();
    private readonly RandomState random = RandomState.FromSeed(seed);
    private readonly double[] state = new double[3];

    public int Actions => rules.Action.Size;

    public int VectorSize => rules.VectorSize;

    public void Reset() => Catch.Place(state, random.RandInt(0, Catch.Columns));

    public Outcome Advance(int action) => rules.Advance(state, action);

    public void Observe(Span<float> vector) => rules.Observe(state, vector);

    public void Draw(Canvas canvas) => rules.Draw(state, canvas);
}
