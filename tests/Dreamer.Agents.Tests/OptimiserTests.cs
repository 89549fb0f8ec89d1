using Dreamer.Agents.Nets;
using Dreamer.Agents.Optimisers;
using static Dreamer.Agents.Tests.Support.Tensors;
using static TorchSharp.torch;

namespace Dreamer.Agents.Tests;

public sealed class OptimiserTests
{
    [Fact]
    public void ClippingAndLaPropNumbers()
    {
        using var scope = NewDisposeScope();
        using var set = Set(float64, 2);
        using var optimiser = new LaProp(set, new LaPropOptions { WarmupUpdates = 0 });
        var p = set.Flat;
        p.copy_(F64(3, 4));
        Step(set, optimiser, F64(6, 8));
        Near([3 - 4e-5, 4 - 4e-5], p, 1e-12);
        Near([.001 * .81, .001 * 1.44], optimiser.MeanSquare, 1e-9);
        Step(set, optimiser, F64(-1, .5));
        Near([2.99996318209, 3.99992959949], p, 1e-11);
        Assert.Equal(0, set.Gradient.abs().sum().item<double>());
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 4e-8)]
    [InlineData(501, 2e-5)]
    [InlineData(1001, 4e-5)]
    [InlineData(5000, 4e-5)]
    public void TheRateWarmsUp(long update, double rate)
    {
        using var set = Set(float32, 2);
        using var optimiser = new LaProp(set, new LaPropOptions());
        Assert.Equal(rate, optimiser.RateAt(update), 15);
    }

    [Fact]
    public void TensorsWithoutGradientStayAndNormsAreThoseOfWholeTensors()
    {
        using var scope = NewDisposeScope();
        using var set = Set(float64, 2, 3);
        using var optimiser = new LaProp(set, new LaPropOptions { WarmupUpdates = 0, LearningRate = 1 });
        set.Flat.copy_(F64(3, 4, 0, 0, 0));
        Step(set, optimiser, F64(0, 0, 1, 0, 0));
        Near([3, 4, -1, 0, 0], set.Flat, 1e-9);
        // The second tensor is zero, so its limit is 0.3 times the floor of 1e-3.
        Near([0, 0, 9e-8 * .001, 0, 0], optimiser.MeanSquare, 1e-15);
    }

    [Fact]
    public void TheKernelEqualsTheEagerForm()
    {
        using var scope = NewDisposeScope();
        using var fused = Set(float32, 5, 100_000, 1);
        using var eager = Set(float32, 5, 100_000, 1);
        using var first = new LaProp(fused, new LaPropOptions { WarmupUpdates = 0, LearningRate = 0.01 });
        using var second = new LaProp(eager, new LaPropOptions { WarmupUpdates = 0, LearningRate = 0.01 });
        fused.Flat.copy_(Normal(1, fused.Count));
        eager.Flat.copy_(fused.Flat);
        for (var n = 1; n <= 3; n++)
        {
            var gradient = Normal((ulong)n + 1, fused.Count) * (n == 1 ? 5 : 0.01);
            Step(fused, first, gradient);
            eager.Gradient.copy_(gradient);
            using (no_grad())
            {
                second.StepEager(0.01 / (1 - Math.Pow(.9, n)), 1 / (1 - Math.Pow(.999, n)));
            }
        }

        Near(eager.Flat, fused.Flat, 2e-6);
        Near(second.MeanSquare, first.MeanSquare, 1e-6);
        Near(second.Momentum, first.Momentum, 1e-5);
    }

    private static ParameterSet Set(ScalarType dtype, params int[] sizes)
    {
        var set = new ParameterSet();
        for (var i = 0; i < sizes.Length; i++)
        {
            set.Declare($"m/p{i}", Initializer.Zeros, sizes[i]);
        }

        set.Allocate(CPU, dtype, seed: 1, trainable: true);
        return set;
    }

    private static void Step(ParameterSet set, LaProp optimiser, Tensor gradient)
    {
        set.Gradient.copy_(gradient);
        optimiser.Step();
    }
}
