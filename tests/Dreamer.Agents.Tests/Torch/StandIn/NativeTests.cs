using TorchSharp;
using static TorchSharp.torch;

namespace Dreamer.Agents.Tests.Torch.StandIn;

public sealed class NativeTests
{
    [Fact]
    public void TheNativeKernelsServeThisProcess() => Assert.True(Kernels.Available);

    [Fact]
    public void ShapesThatDoNotFitAndSecondOrdersAreRefused()
    {
        using var scope = NewDisposeScope();
        Tensor x = randn(2, 4).requires_grad_();
        Assert.Contains("last axis", Assert.ThrowsAny<Exception>(() => Kernels.RmsNorm(x, ones(3), 1e-4, true)).Message);
        Tensor loss = Kernels.RmsNorm(x, ones(4), 1e-4, true).sum();
        Assert.Contains("second-order", Assert.ThrowsAny<Exception>(() => autograd.grad([loss], [x], create_graph: true)).Message);
    }

    [Fact]
    public void AGradientWithoutAGraphThrowsLibtorchsMessage()
    {
        using var scope = NewDisposeScope();
        Tensor a = ones(2, 3);
        Assert.Contains("does not require grad", Assert.ThrowsAny<Exception>(() => autograd.grad([a.sum()], [a], retain_graph: true)).Message);
    }
}
