using System.Runtime.InteropServices;
using Dreamer.Policies.DreamerV3;
using Dreamer.Spaces;

namespace Dreamer.Policies.Tests;

public sealed class DreamerV3PolicyTests
{
    /// <summary>Largest difference from float64, in units that are of order 1 everywhere: float32 sums of up to 2,000 terms, carried over steps.</summary>
    private const double Tolerance = 5e-5;

    [Theory]
    [InlineData("vector", "discrete:4", "debug", 1)]
    [InlineData("vector", "continuous:3", "odd", 3)]
    [InlineData("categories", "discrete:18", "odd", 8)]
    [InlineData("categories", "continuous:1", "size1m", 2)]
    [InlineData("vector", "continuous:6", "size1m", 11)]
    [InlineData("image", "discrete:2", "debug", 2)]
    [InlineData("image", "continuous:6", "odd", 1)]
    [InlineData("both", "discrete:5", "odd", 4)]
    [InlineData("both", "continuous:2", "size1m", 1)]
    public void MatchesThePlainImplementation(string observations, string action, string size, int batch)
    {
        var environment = Blobs.Environment(observations, action);
        var sizes = Blobs.Sizes(size);
        var blob = Blobs.Random(environment, sizes);
        var policy = Create(blob, batch);
        var references = Enumerable.Range(0, batch).Select(_ => new ReferencePolicy(blob)).ToArray();
        var random = new Random(7);
        var slots = Enumerable.Range(0, batch).Reverse().ToArray();
        for (var time = 0; time < 4; time++)
        {
            var steps = slots.Select(slot => Blobs.Step(environment, random.Next(), first: time == 0 || (time == 2 && slot % 2 == 0))).ToArray();
            var noise = Noise(random, batch * policy.NoiseSize);
            var trace = policy.Evaluate(slots, steps, noise);
            for (var row = 0; row < batch; row++)
            {
                CheckRow(trace, row, references[slots[row]], steps[row], sizes, environment.Action, noise.AsSpan(row * policy.NoiseSize, policy.NoiseSize));
            }
        }
    }

    [Fact]
    public void ASlotActsTheSameAloneAndInABatch()
    {
        var environment = Blobs.Environment("both", "discrete:5");
        var blob = Blobs.Random(environment, Blobs.Odd);
        var (together, alone) = (Create(blob, 13), Create(blob, 13));
        var steps = Enumerable.Range(0, 13).Select(slot => Blobs.Step(environment, slot, first: true)).ToArray();
        for (var time = 0; time < 3; time++)
        {
            var (batched, single) = (new float[13 * 5], new float[13 * 5]);
            together.Act([.. Enumerable.Range(0, 13)], steps, batched);
            for (var slot = 12; slot >= 0; slot--)
            {
                alone.Act([slot], [steps[slot]], single.AsSpan(slot * 5, 5));
            }

            Assert.Equal(batched, single);
            steps[time].IsFirst = false;
        }
    }

    [Fact]
    public void AnEpisodeStartForgetsEverything()
    {
        var environment = Blobs.Environment("vector", "continuous:3");
        var blob = Blobs.Random(environment, Blobs.Odd);
        var (used, fresh) = (Create(blob, 1), Create(blob, 1));
        var noise = Noise(new Random(3), used.NoiseSize);
        used.Evaluate([0], [Blobs.Step(environment, 1, first: true)], noise);
        used.Evaluate([0], [Blobs.Step(environment, 2)], noise);

        var start = Blobs.Step(environment, 3, first: true);
        var (again, expected) = (used.Evaluate([0], [start], noise), fresh.Evaluate([0], [start], noise));
        Assert.Equal(expected.PosteriorLogits, again.PosteriorLogits);
        Assert.Equal(expected.Actions, again.Actions);

        // And without the flag it would not have.
        var next = Blobs.Step(environment, 4);
        var continued = used.Evaluate([0], [next], noise);
        next.IsFirst = true;
        Assert.NotEqual(fresh.Evaluate([0], [next], noise).PosteriorLogits, continued.PosteriorLogits);
    }

    [Fact]
    public void TheSeedDecidesTheSamples()
    {
        var environment = Blobs.Environment("vector", "continuous:3");
        var blob = Blobs.Random(environment, Blobs.Odd);
        var step = Blobs.Step(environment, 1, first: true);
        float[] Sample(ulong seed)
        {
            var actions = new float[6];
            PolicyFactory.Create(blob, 2, seed).Act([0, 1], [step, step], actions);
            return actions;
        }

        Assert.Equal(Sample(5), Sample(5));
        Assert.NotEqual(Sample(5), Sample(6));
        Assert.NotEqual(Sample(5)[..3], Sample(5)[3..]);
    }

    [Theory]
    [InlineData("both", "continuous:2")]
    [InlineData("categories", "discrete:3")]
    public void ActingAllocatesNothing(string observations, string action)
    {
        var environment = Blobs.Environment(observations, action);
        var policy = PolicyFactory.Create(Blobs.Random(environment, Blobs.Odd), 3, seed: 0);
        int[] slots = [0, 1, 2];
        var steps = slots.Select(slot => Blobs.Step(environment, slot)).ToArray();
        var actions = new float[3 * environment.Action.Size];
        byte[][] state = [.. policy.RecordedState.Select(tensor => new byte[tensor.Bytes])];
        void Work()
        {
            policy.Act(slots, steps, actions);
            policy.CopyState(1, state);
        }

        Work();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 20; i++)
        {
            Work();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void RecordsThePosterior()
    {
        var environment = Blobs.Environment("vector", "discrete:4");
        var policy = Create(Blobs.Random(environment, Blobs.Odd), 2);
        var trace = policy.Evaluate([1], [Blobs.Step(environment, 1, first: true)], Noise(new Random(1), policy.NoiseSize));
        Assert.Equal(["deter:bfloat16:60", "stoch:uint8:5"], policy.RecordedState.Select(tensor => tensor.ToString()));
        byte[][] state = [new byte[120], new byte[5]];
        policy.CopyState(1, state);
        Assert.Equal(trace.Stoch, state[1]);
        var deter = MemoryMarshal.Cast<byte, ushort>(state[0]).ToArray().Select(bits => BitConverter.UInt32BitsToSingle((uint)bits << 16)).ToArray();
        Assert.All(deter.Zip(trace.Deter), pair => Assert.Equal(pair.Second, pair.First, MathF.Abs(pair.Second) / 256));
        Assert.Contains(deter, value => value != 0);
    }

    [Fact]
    public void NewWeightsKeepTheState()
    {
        var environment = Blobs.Environment("vector", "discrete:4");
        var (first, second) = (Blobs.Random(environment, Blobs.Odd, seed: 1, version: 1), Blobs.Random(environment, Blobs.Odd, seed: 2, version: 9));
        var policy = Create(first, 1);
        var reference = new ReferencePolicy(first);
        var (start, next) = (Blobs.Step(environment, 1, first: true), Blobs.Step(environment, 2));
        var noise = Noise(new Random(1), policy.NoiseSize);
        var trace = policy.Evaluate([0], [start], noise);
        policy.Load(second);
        Assert.Equal(9, policy.Version);

        reference.Observe(start);
        var successor = new ReferencePolicy(second);
        reference.Deter.CopyTo(successor.Deter, 0);
        successor.SetStoch(trace.Stoch);
        successor.SetAction(trace.Actions);
        successor.Observe(next);
        AssertClose(successor.PosteriorLogits, policy.Evaluate([0], [next], noise).PosteriorLogits);
    }

    [Fact]
    public void RefusesStepsThatDoNotFit()
    {
        var environment = Blobs.Environment("categories", "discrete:4");
        var policy = Create(Blobs.Random(environment, Blobs.Debug), 2);
        var (step, actions) = (Blobs.Step(environment, 1), new float[4]);
        Assert.Throws<ArgumentOutOfRangeException>(() => policy.Act([2], [step], actions));
        Assert.Throws<ArgumentException>(() => policy.Act([0, 1], [step], actions));
        Assert.Throws<ArgumentException>(() => policy.Act([0], [step], new float[3]));
        Assert.Throws<ArgumentException>(() => policy.Act([0], [Blobs.Step(Blobs.Environment("vector", "discrete:4"), 1)], actions));
        step.Integers(1)[0] = 4;
        var refused = Assert.Throws<ArgumentException>(() => policy.Act([0], [step], actions));
        Assert.Contains("room", refused.Message);
    }

    [Fact]
    public void ANotANumberStaysInItsSlot()
    {
        var environment = Blobs.Environment("vector", "discrete:4");
        var policy = Create(Blobs.Random(environment, Blobs.Odd), 2);
        var (good, bad) = (Blobs.Step(environment, 1, first: true), Blobs.Step(environment, 1, first: true));
        bad.Floats(0)[0] = float.NaN;
        var noise = Noise(new Random(1), 2 * policy.NoiseSize);
        var trace = policy.Evaluate([0, 1], [bad, good], noise);
        Assert.All(trace.PosteriorLogits[(5 * 7)..], value => Assert.True(float.IsFinite(value)));
        var again = policy.Evaluate([0], [good], noise.AsSpan(0, policy.NoiseSize));
        Assert.All(again.PosteriorLogits, value => Assert.True(float.IsFinite(value)));
        Assert.Equal(1, again.Actions.Sum());
    }

    private static DreamerV3Policy Create(PolicyBlob blob, int slots) => (DreamerV3Policy)PolicyFactory.Create(blob, slots, seed: 0);

    private static float[] Noise(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle())];

    private static void CheckRow(
        PolicyTrace trace, int row, ReferencePolicy reference, TimeStep step, DreamerV3Sizes sizes, ActionSpec action, ReadOnlySpan<float> noise)
    {
        reference.Observe(step);
        AssertClose(reference.Deter, Row(trace.Deter, row, sizes.Deter));
        AssertClose(reference.Tokens, Row(trace.Tokens, row, reference.Tokens.Length));
        AssertClose(reference.PosteriorLogits, Row(trace.PosteriorLogits, row, reference.PosteriorLogits.Length));
        var stoch = trace.Stoch.AsSpan(row * sizes.Stoch, sizes.Stoch);
        for (var group = 0; group < sizes.Stoch; group++)
        {
            AssertInverts(reference.Probabilities.AsSpan(group * sizes.Classes, sizes.Classes), noise[group], stoch[group]);
        }

        reference.SetStoch(stoch);
        var distribution = reference.Policy();
        AssertClose(distribution, Row(trace.Distribution, row, distribution.Length));
        var sampled = Row(trace.Actions, row, action.Size);
        if (action.Kind == ActionKind.Discrete)
        {
            Assert.Equal(1, sampled.Sum());
            AssertInverts(reference.Unimix(distribution), noise[sizes.Stoch], Array.IndexOf(sampled, 1f));
        }
        else
        {
            var expected = new double[action.Size];
            for (var i = 0; i < action.Size; i++)
            {
                var (first, second) = (noise[sizes.Stoch + 2 * i], noise[sizes.Stoch + 2 * i + 1]);
                expected[i] = distribution[i] + distribution[action.Size + i] * Math.Sqrt(-2 * Math.Log(1 - first)) * Math.Cos(2 * Math.PI * second);
            }

            AssertClose(expected, sampled);
        }

        reference.SetAction(sampled);
    }

    /// <summary>The class whose slice of [0, 1) holds the uniform, up to rounding at the slice's ends.</summary>
    private static void AssertInverts(ReadOnlySpan<double> probabilities, double uniform, int drawn)
    {
        var below = 0.0;
        for (var i = 0; i < drawn; i++)
        {
            below += probabilities[i];
        }

        Assert.InRange(uniform, below - Tolerance, below + probabilities[drawn] + Tolerance);
    }

    private static float[] Row(float[] values, int row, int width) => values[(row * width)..((row + 1) * width)];

    private static void AssertClose(double[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.InRange(actual[i], expected[i] - Tolerance * (1 + Math.Abs(expected[i])), expected[i] + Tolerance * (1 + Math.Abs(expected[i])));
        }
    }
}
