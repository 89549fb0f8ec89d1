using Dreamer.Policies.Numerics;

namespace Dreamer.Policies.Tests;

/// <summary>The element-by-element parts of the older generations against float64, on whole registers and on what is left over.</summary>
public sealed unsafe class GatesTests
{
    private const int Length = 45;
    private const double Tolerance = 2e-6;
    private readonly Random _random = new(1);

    [Fact]
    public void Activations()
    {
        var (relu, elu) = (Numbers(2 * Length), Numbers(2 * Length));
        var (wasRelu, wasElu) = (relu.Span.ToArray(), elu.Span.ToArray());
        Gates.Relu(relu.Pointer, Length, rows: 2, Length);
        Gates.Elu(elu.Pointer, Length, rows: 2, Length);
        Near(i => Math.Max(wasRelu[i], 0), relu, 2 * Length);
        Near(i => wasElu[i] > 0 ? wasElu[i] : Math.Exp(wasElu[i]) - 1, elu, 2 * Length);
    }

    [Fact]
    public void TheGruOfKeras()
    {
        var (input, state, previous, next) = (Numbers(3 * Length), Numbers(3 * Length), Numbers(Length), Numbers(Length));
        Gates.Gru(input.Pointer, state.Pointer, previous.Pointer, next.Pointer, Length);
        Near(
            i =>
            {
                var update = Sigmoid(input.Span[i] + state.Span[i]);
                var reset = Sigmoid(input.Span[Length + i] + state.Span[Length + i]);
                return update * previous.Span[i] + (1 - update) * Math.Tanh(input.Span[2 * Length + i] + reset * state.Span[2 * Length + i]);
            },
            next, Length);
    }

    [Fact]
    public void TheGruOfBlocks()
    {
        var (gate, candidate, previous, reset, next) = (Numbers(Length), Numbers(Length), Numbers(Length), Numbers(Length), Numbers(Length));
        Gates.Reset(gate.Pointer, previous.Pointer, reset.Pointer, Length);
        Near(i => Sigmoid(gate.Span[i]) * previous.Span[i], reset, Length);
        Gates.Update(gate.Pointer, candidate.Pointer, previous.Pointer, next.Pointer, Length);
        Near(
            i =>
            {
                var update = Sigmoid(gate.Span[i]);
                return update * previous.Span[i] + (1 - update) * Math.Tanh(candidate.Span[i]);
            },
            next, Length);
    }

    [Fact]
    public void SamplesOfASoftplusSpread()
    {
        var (mean, raw, noise, into) = (Numbers(Length), Numbers(Length, range: 40), Numbers(Length), Numbers(Length));
        Gates.Sample(mean.Pointer, raw.Pointer, noise.Pointer, 0.1f, into.Pointer, Length);
        Near(i => mean.Span[i] + (Softplus(raw.Span[i]) + 0.1) * noise.Span[i], into, Length);
        Assert.All([-90f, -3, 0, 3, 90], x => Assert.Equal(Softplus(x), Gates.Softplus(x), 5));
    }

    [Fact]
    public void NormalNumbersAreNormalAndRepeat()
    {
        var (normals, again) = (new float[100_001], new float[100_001]);
        CounterRandom.FillNormal(seed: 1, stream: 2, step: 3, normals);
        CounterRandom.FillNormal(seed: 1, stream: 2, step: 3, again);
        Assert.Equal(normals, again);
        Assert.InRange(normals.Average(), -0.01, 0.01);
        Assert.InRange(normals.Average(x => x * x), 0.98, 1.02);
        Assert.InRange(normals.Average(x => Math.Pow(x, 4)), 2.85, 3.15);
        Assert.InRange(normals.Count(x => x > 1.96f) / 100_001.0, 0.023, 0.027);
        CounterRandom.FillNormal(seed: 1, stream: 2, step: 4, again);
        Assert.InRange(normals.Zip(again, (x, y) => x * y).Average(), -0.015, 0.015);
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static double Softplus(double x) => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));

    private static void Near(Func<int, double> expected, AlignedBuffer<float> actual, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var want = expected(i);
            Assert.True(Math.Abs(want - actual.Span[i]) <= Tolerance * Math.Max(1, Math.Abs(want)), $"[{i}]: expected {want}, got {actual.Span[i]}");
        }
    }

    private AlignedBuffer<float> Numbers(int count, double range = 8)
    {
        var buffer = new AlignedBuffer<float>(count);
        foreach (ref var value in buffer.Span)
        {
            value = (float)((_random.NextDouble() - 0.5) * range);
        }

        return buffer;
    }
}
