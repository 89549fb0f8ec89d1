using Dreamer.Environments.Games;
using Dreamer.Environments.Numpy;
using Dreamer.Environments.Rendering;
using Dreamer.Environments.Tasks;

namespace Dreamer.Environments.Bsuite;

/// <summary>
/// A bit is shown at the start and asked for after N steps: 1 for the right answer, -1 for the wrong one. As in the original
/// the start is seen twice, after the reset and after the first action. Vector: time left, which bit is asked for (there is
/// one), and the bit as 1 or -1 at the start.
/// </summary>
public sealed class MemoryChain : IGame
{
    private readonly int length;
    private readonly RandomState random;
    private bool bit;
    private int time;
    private int seen;

    /// <param name="length">Steps to remember, N.</param>
    /// <param name="seed">The original's seed.</param>
    public MemoryChain(int length, ulong seed)
    {
        this.length = length;
        random = RandomState.FromSeed(seed);

        // The original draws once before the first episode.
        random.Coin();
    }

    public int Actions => 2;

    public int VectorSize => 3;

    public void Reset()
    {
        bit = random.Coin();
        (time, seen) = (0, 0);
    }

    public Outcome Advance(int action)
    {
        seen = time++;
        return time <= length ? new Outcome(0, Terminated: false) : new Outcome((action == 1) == bit ? 1 : -1, Terminated: true);
    }

    public void Observe(Span<float> vector)
    {
        vector[0] = (float)(1 - ((double)seen / length));
        vector[1] = 0;
        vector[2] = seen > 0 ? 0 : bit ? 1 : -1;
    }

    public void Draw(Canvas canvas)
    {
        Span<float> values = stackalloc float[3];
        Observe(values);
        MatrixPicture.Draw(canvas, values, rows: 1, columns: 3);
    }
}
