using TorchSharp;
using static TorchSharp.torch;

namespace Dreamer.Agents.Tests.Torch;

[Collection("The default generator")]
public sealed class KernelTests
{
    [Theory]
    [InlineData(true, 5, 7)]
    [InlineData(false, 5, 7)]
    [InlineData(true, 300, 512)]
    [InlineData(false, 1, 1)]
    [InlineData(true, 0, 16)]
    public void RmsNormAndItsGradientsEqualTheEagerForm(bool silu, long rows, long width)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(rows + width);
        Tensor x = randn(rows, width).mul_(3), scale = randn(width), weight = randn(rows, width);
        (Tensor y, Tensor dx, Tensor ds) = Run(Kernels.RmsNorm);
        (Tensor y2, Tensor dx2, Tensor ds2) = Run(Kernels.RmsNormEager);
        Near(y2, y, 2e-6);
        Near(dx2, dx, 1e-5);
        Near(ds2, ds, 1e-5);

        (Tensor, Tensor, Tensor) Run(Func<Tensor, Tensor, double, bool, Tensor> norm)
        {
            Tensor a = x.clone().requires_grad_(), b = scale.clone().requires_grad_();
            Tensor result = norm(a, b, 1e-4, silu);
            (result * weight).sum().backward();
            return (result.detach(), a.grad!, b.grad!);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void RmsNormGradientsEqualFiniteDifferences(bool silu)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(3);
        Tensor x = randn(3, 6).requires_grad_(), scale = randn(6).requires_grad_(), weight = randn(3, 6);
        (Kernels.RmsNorm(x, scale, 1e-3, silu) * weight).sum().backward();
        foreach (Tensor parameter in new[] { x, scale })
            Near(Differences(parameter, () => (Kernels.RmsNormEager(x.to(ScalarType.Float64), scale.to(ScalarType.Float64), 1e-3, silu) * weight).sum()), parameter.grad!, 3e-4);
    }

    [Fact]
    public void RmsNormTakesAnyLayoutAndRank()
    {
        using var scope = NewDisposeScope();
        Tensor x = randn(4, 3, 8).transpose(0, 1), scale = randn(16)[TensorIndex.Slice(0, 16, 2)];
        Near(Kernels.RmsNormEager(x, scale, 1e-4, true), Kernels.RmsNorm(x, scale, 1e-4, true), 2e-6);
    }

    [Fact]
    public void RmsNormKeepsNotANumber()
    {
        using var scope = NewDisposeScope();
        Tensor y = Kernels.RmsNorm(tensor(new[] { 1f, float.NaN }), ones(2), 1e-4, true);
        Assert.True(y.isnan().all().item<bool>());
    }

    [Fact]
    public void OtherTypesTakeTheEagerForm()
    {
        using var scope = NewDisposeScope();
        Tensor x = randn(2, 4).to(ScalarType.BFloat16);
        Tensor y = Kernels.RmsNorm(x, ones(4), 1e-4, true);
        Assert.Equal(ScalarType.BFloat16, y.dtype);
        Near(Kernels.RmsNorm(x.to(ScalarType.Float32), ones(4), 1e-4, true), y.to(ScalarType.Float32), 1e-2);
    }

    /// <summary>Central differences of a float64 loss by each element of a float32 parameter.</summary>
    private static Tensor Differences(Tensor parameter, Func<Tensor> loss)
    {
        const float Step = 1e-3f;
        using var off = no_grad();
        Tensor result = zeros_like(parameter);
        var (values, differences) = (parameter.view(-1).data<float>(), result.view(-1).data<float>());
        for (long i = 0; i < parameter.NumberOfElements; i++)
        {
            float value = values[i];
            values[i] = value + Step;
            double up = loss().item<double>();
            values[i] = value - Step;
            double down = loss().item<double>();
            values[i] = value;
            differences[i] = (float)((up - down) / (2 * Step));
        }
        return result;
    }

    private static void Near(Tensor expected, Tensor actual, double tolerance)
    {
        Assert.Equal(expected.shape, actual.shape);
        if (expected.NumberOfElements > 0)
            Assert.InRange(((expected - actual).abs() / (1 + expected.abs())).max().item<float>(), 0, tolerance);
    }
}
