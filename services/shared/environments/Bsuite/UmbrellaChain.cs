using Dreamer.Environments.Games;
using Dreamer.Environments.Numpy;
using Dreamer.Environments.Rendering;
using Dreamer.Environments.Tasks;

namespace Dreamer.Environments.Bsuite;

/// <summary>
/// Whether it will rain is shown all along; the first action takes the umbrella or leaves it, and N steps later that pays 1 or
/// -1. The steps between pay 1 or -1 by chance. Vector: need, have, time left, and 20 bits of noise.
/// </summary>
public sealed class UmbrellaChain : IGame
{
    private const int Distractors = 20;
    private const int Signals = 3;

    private readonly int length;
    private readonly RandomState random;
    private readonly float[] observation = new float[Signals + Distractors];
    private bool need;
    private bool have;
    private int time;

    /// <param name="length">Steps, N.</param>
    /// <param name="seed">The original's seed.</param>
    public UmbrellaChain(int length, ulong seed)
    {
        this.length = length;
        random = RandomState.FromSeed(seed);

        // The original draws once before the first episode.
        random.Coin();
    }

    public int Actions => 2;

    public int VectorSize => Signals + Distractors;

    public void Reset()
    {
        (need, have) = (random.Coin(), random.Coin());
        time = 0;
        Look();
    }

    public Outcome Advance(int action)
    {
        time++;
        have = time == 1 ? action == 1 : have;
        var outcome = time == length
            ? new Outcome(have == need ? 1 : -1, Terminated: true)
            : new Outcome(random.Coin() ? 1 : -1, Terminated: false);
        Look();
        return outcome;
    }

    public void Observe(Span<float> vector) => observation.CopyTo(vector);

    public void Draw(Canvas canvas) => MatrixPicture.Draw(canvas, observation, rows: 1, VectorSize);

    private void Look()
    {
        observation[0] = need ? 1 : 0;
        observation[1] = have ? 1 : 0;
        observation[2] = (float)(1 - ((double)time / length));
        foreach (ref var distractor in observation.AsSpan(Signals))
        {
            distractor = random.Coin() ? 1 : 0;
        }
    }
}
