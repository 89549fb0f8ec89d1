using TorchSharp;
using static TorchSharp.torch;

namespace Dreamer.Agents.Tests.Support;

/// <summary>Comparisons of tensors with numbers and with each other.</summary>
internal static class Tensors
{
    public static Tensor F64(params double[] values) => tensor(values);

    /// <summary>Relative above 1, absolute below.</summary>
    public static void Near(double[] expected, Tensor actual, double tolerance = 1e-6)
    {
        var numbers = actual.to(float64).contiguous().data<double>().ToArray();
        Assert.Equal(expected.Length, numbers.Length);
        foreach (var (want, got) in expected.Zip(numbers))
        {
            Assert.True(Math.Abs(want - got) <= tolerance * Math.Max(1, Math.Abs(want)), $"expected {want}, got {got}");
        }
    }

    public static void Near(Tensor expected, Tensor actual, double tolerance)
    {
        Assert.Equal(expected.shape, actual.shape);
        Near(expected.detach().to(float64).contiguous().data<double>().ToArray(), actual.detach(), tolerance);
    }

    /// <summary>d loss / d parameter by central differences, in float64.</summary>
    public static Tensor Differences(Tensor parameter, Func<Tensor, Tensor> loss, double step = 1e-5)
    {
        using var noGrad = no_grad();
        var x = parameter.detach().to(float64).clone();
        var result = zeros_like(x);
        var (values, slopes) = (x.view(-1), result.view(-1));
        for (var i = 0; i < values.numel(); i++)
        {
            var element = values.narrow(0, i, 1);
            element.add_(step);
            var above = loss(x).item<double>();
            element.add_(-2 * step);
            var below = loss(x).item<double>();
            element.add_(step);
            slopes.narrow(0, i, 1).fill_((above - below) / (2 * step));
        }

        return result;
    }

    /// <summary>Reproducible normal numbers.</summary>
    public static Tensor Normal(ulong seed, params long[] shape)
    {
        using var generator = new Generator(seed, CPU);
        return empty(shape, float32, CPU).normal_(0, 1, generator);
    }

    /// <summary>Reproducible uniform numbers in [0, 1).</summary>
    public static Tensor Uniform(ulong seed, params long[] shape)
    {
        using var generator = new Generator(seed, CPU);
        return empty(shape, float32, CPU).uniform_(0, 1, generator);
    }
}
