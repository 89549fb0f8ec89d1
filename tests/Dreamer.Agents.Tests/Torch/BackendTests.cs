using TorchSharp;
using static TorchSharp.torch;

namespace Dreamer.Agents.Tests.Torch;

/// <summary>What the product relies on from its tensor backend.</summary>
public sealed class BackendTests
{
    [Fact]
    public void ABadCallThrowsLibtorchsMessageAndTheProcessGoesOn()
    {
        using var scope = NewDisposeScope();
        Tensor a = ones(2, 3);
        Assert.Contains("cannot be multiplied", Assert.ThrowsAny<Exception>(() => a.mm(a)).Message);
        Assert.ThrowsAny<Exception>(() => a.view(7));
        Assert.Equal(6, a.sum().item<float>());
    }

    [Fact]
    public void ADisposedTensorIsRefused()
    {
        Tensor a = ones(2);
        a.Dispose();
        Assert.True(a.IsInvalid);
        Assert.Throws<InvalidOperationException>(() => a + 1);
    }

    [Fact]
    public void AScopeDisposesWhatWasMadeInItAndNotWhatWasMovedOut()
    {
        Tensor kept, outer;
        using (var one = NewDisposeScope())
        {
            Tensor inner;
            using (var two = NewDisposeScope())
            {
                inner = ones(1);
                outer = ones(1).MoveToOuterDisposeScope();
                kept = ones(1).DetachFromDisposeScope();
                Assert.Equal(1, two.DisposablesCount);
            }
            Assert.True(inner.IsInvalid);
            Assert.False(outer.IsInvalid);
            Assert.True(one.Contains(outer));
        }
        Assert.True(outer.IsInvalid);
        Assert.Equal(1, kept.item<float>());
        kept.Dispose();
    }

    [Fact]
    public void ScopesBelongToTheirThread()
    {
        using var scope = NewDisposeScope();
        Tensor? other = null;
        var thread = new Thread(() => other = ones(1));
        thread.Start();
        thread.Join();
        Assert.False(scope.Contains(other!));
        other!.Dispose();
    }

    [Fact]
    public void ATrainingLoopLeaksNoTensor()
    {
        using var all = NewDisposeScope();
        Tensor weight = randn(8, 8).requires_grad_();
        long live = 0;
        for (int step = 0; step < 20; step++)
        {
            using (NewDisposeScope())
            {
                Tensor loss = (Kernels.RmsNorm(ones(4, 8).mm(weight), ones(8), 1e-4, true) - 1).square().mean();
                Tensor gradient = autograd.grad([loss], [weight], retain_graph: true)[0];
                using (no_grad())
                    weight.sub_(gradient.mul_(0.1));
                (Tensor value, Tensor index) = weight.max(0);
                _ = weight[.., 0].split(4).Concat(weight.unbind()).ToArray();
            }
            if (step == 0)
                live = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        }
        Assert.Equal(live, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void NoGradHoldsUntilItsEnd()
    {
        using var scope = NewDisposeScope();
        Tensor a = ones(1).requires_grad_();
        using (no_grad())
        {
            Assert.False((a * 2).requires_grad);
            using (enable_grad())
                Assert.True((a * 2).requires_grad);
            Assert.False(is_grad_enabled());
        }
        Assert.True((a * 2).requires_grad);
    }

    [Fact]
    public void GradientsAccumulateInLeaves()
    {
        using var scope = NewDisposeScope();
        Tensor a = tensor(new[] { 1f, 2f }, requires_grad: true);
        a.square().sum().backward();
        a.square().sum().backward();
        Assert.Equal([4f, 8f], a.grad!.data<float>().ToArray());
        a.grad = null;
        Assert.Null(a.grad);
    }
}
