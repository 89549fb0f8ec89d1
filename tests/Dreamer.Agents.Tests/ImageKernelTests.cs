using TorchSharp;
using static Dreamer.Agents.Tests.Support.Tensors;
using static TorchSharp.torch;

namespace Dreamer.Agents.Tests;

/// <summary>
/// The convolutions of the image networks against their eager forms: sizes that tiles do not divide, channels that do not fill a vector,
/// and more images than one thread's share.
/// </summary>
public sealed class ImageKernelTests
{
    [Theory]
    [InlineData(2, 8, 8, 3, 5)]
    [InlineData(5, 6, 10, 20, 48)]
    [InlineData(1, 7, 9, 16, 16)]
    [InlineData(40, 16, 16, 17, 33)]
    public void ConvolvePoolAndItsGradientsEqualTheEagerForm(long rows, long height, long width, long inputs, long outputs) =>
        Compare(Kernels.ConvolvePool, Kernels.ConvolvePoolEager, rows, height, width, inputs, outputs);

    [Theory]
    [InlineData(2, 4, 4, 5, 3)]
    [InlineData(5, 3, 6, 20, 48)]
    [InlineData(1, 1, 1, 16, 16)]
    [InlineData(40, 8, 8, 33, 17)]
    public void DoubleConvolveAndItsGradientsEqualTheEagerForm(long rows, long height, long width, long inputs, long outputs) =>
        Compare(Kernels.DoubleConvolve, Kernels.DoubleConvolveEager, rows, height, width, inputs, outputs);

    [Fact]
    public void ConvolvePoolGradientsEqualFiniteDifferences()
    {
        using var scope = NewDisposeScope();
        var (x, weight, bias, slope) = (Normal(1, 1, 4, 4, 2), Normal(2, 2, 2, 5, 5), Normal(3, 2), Normal(4, 1, 2, 2, 2));
        var fused = Gradients(Kernels.ConvolvePool, x, weight, bias, slope);
        var (x64, weight64, bias64, slope64) = (x.to(float64), weight.to(float64), bias.to(float64), slope.to(float64));
        Near(Differences(x, value => (Kernels.ConvolvePoolEager(value, weight64, bias64) * slope64).sum()), fused[0], 1e-4);
        Near(Differences(weight, value => (Kernels.ConvolvePoolEager(x64, value, bias64) * slope64).sum()), fused[1], 1e-4);
        Near(Differences(bias, value => (Kernels.ConvolvePoolEager(x64, weight64, value) * slope64).sum()), fused[2], 1e-4);
    }

    [Fact]
    public void DoubleConvolveGradientsEqualFiniteDifferences()
    {
        using var scope = NewDisposeScope();
        var (x, weight, bias, slope) = (Normal(1, 1, 2, 3, 2), Normal(2, 2, 2, 5, 5), Normal(3, 2), Normal(4, 1, 4, 6, 2));
        var fused = Gradients(Kernels.DoubleConvolve, x, weight, bias, slope);
        var (x64, weight64, bias64, slope64) = (x.to(float64), weight.to(float64), bias.to(float64), slope.to(float64));
        Near(Differences(x, value => (Kernels.DoubleConvolveEager(value, weight64, bias64) * slope64).sum()), fused[0], 1e-4);
        Near(Differences(weight, value => (Kernels.DoubleConvolveEager(x64, value, bias64) * slope64).sum()), fused[1], 1e-4);
        Near(Differences(bias, value => (Kernels.DoubleConvolveEager(x64, weight64, value) * slope64).sum()), fused[2], 1e-4);
    }

    [Fact]
    public void TheSameInputsGiveTheSameBits()
    {
        using var scope = NewDisposeScope();
        var (x, weight, bias, slope) = (Normal(1, 40, 8, 8, 16), Normal(2, 32, 16, 5, 5), Normal(3, 32), Normal(4, 40, 4, 4, 32));
        var (first, second) = (Gradients(Kernels.ConvolvePool, x, weight, bias, slope), Gradients(Kernels.ConvolvePool, x, weight, bias, slope));
        foreach (var (a, b) in first.Zip(second))
        {
            Near(a, b, 0);
        }
    }

    [Fact]
    public void KernelsThatDoNotFitTheImagesAreRefused()
    {
        using var scope = NewDisposeScope();
        Assert.ThrowsAny<Exception>(() => Kernels.ConvolvePool(zeros(1, 8, 8, 3), zeros(4, 2, 5, 5), zeros(4)));
        Assert.ThrowsAny<Exception>(() => Kernels.DoubleConvolve(zeros(1, 8, 8, 3), zeros(4, 2, 5, 5), zeros(4)));
    }

    [Fact]
    public void LargeTensorsKeepTheirNumbersWhileOthersComeAndGo()
    {
        using var scope = NewDisposeScope();
        var random = new Random(0);
        var held = new List<(Tensor Tensor, float Value)>();
        for (var i = 0; i < 60; i++)
        {
            var value = (float)i;
            held.Add((full([random.Next(200_000, 900_000)], value), value));
            if (held.Count <= 6)
            {
                continue;
            }

            var (oldest, expected) = held[random.Next(held.Count)];
            Assert.Equal((expected, expected), (oldest.min().item<float>(), oldest.max().item<float>()));
            held.RemoveAll(entry => ReferenceEquals(entry.Tensor, oldest));
            oldest.Dispose();
        }
    }

    // The largest of four pixels may change with the last bit; random numbers keep clear of that.
    private static void Compare(
        Func<Tensor, Tensor, Tensor, Tensor> fused, Func<Tensor, Tensor, Tensor, Tensor> eager, long rows, long height, long width, long inputs, long outputs)
    {
        using var scope = NewDisposeScope();
        var (x, bias) = (Normal(1, rows, height, width, inputs), Normal(3, outputs));
        var weight = Normal(2, outputs, inputs, 5, 5) / Math.Sqrt(25 * inputs);
        var expected = eager(x, weight, bias);
        Near(expected, fused(x, weight, bias), 1e-4);
        var slope = Normal(4, expected.shape);
        foreach (var (want, got) in Gradients(eager, x, weight, bias, slope).Zip(Gradients(fused, x, weight, bias, slope)))
        {
            Near(zeros_like(want), (want - got) / want.abs().max(), 1e-4);
        }
    }

    private static Tensor[] Gradients(Func<Tensor, Tensor, Tensor, Tensor> kernel, Tensor x, Tensor weight, Tensor bias, Tensor slope)
    {
        Tensor[] leaves = [.. new[] { x, weight, bias }.Select(input => input.detach().clone().requires_grad_())];
        (kernel(leaves[0], leaves[1], leaves[2]) * slope).sum().backward();
        return [.. leaves.Select(leaf => leaf.grad!)];
    }
}
