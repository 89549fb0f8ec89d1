using Dreamer.Agents.Distributions;
using TorchSharp;
using static Dreamer.Agents.Tests.Support.Tensors;
using static TorchSharp.torch;

namespace Dreamer.Agents.Tests;

/// <summary>Every fused kernel against its eager form and against finite differences, odd sizes and more than one thread's share included.</summary>
public sealed class ModelKernelTests
{
    [Theory]
    [InlineData(1, 8, 1)]
    [InlineData(5, 24, 4)]
    [InlineData(700, 96, 8)]
    public void BlockGruAndItsGradientsEqualTheEagerForm(long rows, long deter, int blocks)
    {
        using var scope = NewDisposeScope();
        var (gates, state, weight) = (Normal(1, rows, 3 * deter) * 2, Normal(2, rows, deter), Normal(3, rows, deter));
        var fused = Gradients([gates, state], leaves => (Kernels.BlockGru(leaves[0], leaves[1], blocks) * weight).sum());
        var eager = Gradients([gates, state], leaves => (Kernels.BlockGruEager(leaves[0], leaves[1], blocks) * weight).sum());
        Near(Kernels.BlockGruEager(gates, state, blocks), Kernels.BlockGru(gates, state, blocks), 1e-6);
        Near(eager[0], fused[0], 1e-5);
        Near(eager[1], fused[1], 1e-5);
    }

    [Fact]
    public void BlockGruNumbers()
    {
        using var scope = NewDisposeScope();
        Near([.471503468], Kernels.BlockGru(F64(.2, .7, -.3).view(1, 3), F64(.5).view(1, 1), 1).view(1), 1e-8);
        Near([.471503468], Kernels.BlockGru(tensor([.2f, .7f, -.3f]).view(1, 3), tensor([.5f]).view(1, 1), 1).view(1), 1e-6);
    }

    [Fact]
    public void BlockGruGradientsEqualFiniteDifferences()
    {
        using var scope = NewDisposeScope();
        var (gates, state, weight) = (Normal(1, 3, 12), Normal(2, 3, 4), Normal(3, 3, 4).to(float64));
        var fused = Gradients([gates, state], leaves => (Kernels.BlockGru(leaves[0], leaves[1], 2) * weight).sum());
        Near(Differences(gates, x => (Kernels.BlockGruEager(x, state.to(float64), 2) * weight).sum()), fused[0], 1e-5);
        Near(Differences(state, x => (Kernels.BlockGruEager(gates.to(float64), x, 2) * weight).sum()), fused[1], 1e-5);
    }

    [Theory]
    [InlineData(4, 3, 2)]
    [InlineData(300, 32, 17)]
    public void SamplesAndTheirGradientsEqualTheEagerForm(long rows, long variables, long classes)
    {
        using var scope = NewDisposeScope();
        var (logits, uniform, weight) = (Normal(1, rows, variables, classes) * 3, Uniform(2, rows, variables, 1), Normal(3, rows, variables, classes));
        var sample = Kernels.UnimixSample(logits, uniform, 0.01);
        Near(Kernels.UnimixSampleEager(logits, uniform, 0.01), sample, 0);
        Assert.Equal(rows * variables, sample.sum().item<float>());
        Assert.Equal(1, sample.max().item<float>());
        var fused = Gradients([logits], leaves => (Kernels.UnimixSample(leaves[0], uniform, 0.01) * weight).sum());
        var eager = Gradients([logits], leaves => (Kernels.UnimixSampleEager(leaves[0], uniform, 0.01) * weight).sum());
        Near(eager[0], fused[0], 1e-6);
    }

    [Fact]
    public void TheSampleGradientIsThatOfTheMixedProbabilities()
    {
        using var scope = NewDisposeScope();
        var (logits, weight) = (Normal(1, 3, 5), Normal(2, 3, 5).to(float64));
        var fused = Gradients([logits], leaves => (Kernels.UnimixSample(leaves[0], Uniform(3, 3, 1), 0.01) * weight).sum());
        Near(Differences(logits, x => (OneHot.Probabilities(x, 0.01) * weight).sum()), fused[0], 1e-6);
    }

    [Fact]
    public void SamplesFollowTheMixedProbabilities()
    {
        using var scope = NewDisposeScope();
        const int Draws = 40_000;
        var logits = tensor([2f, 0f, -1f, .5f]);
        var frequencies = Kernels.UnimixSample(logits.expand(Draws, 4).contiguous(), Uniform(9, Draws, 1), 0.01).mean([0]);
        Near([.705498924, .097640558, .037500255, .159360262], frequencies, 0.008);
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(500, 255)]
    public void TwoHotKernelsEqualTheEagerForms(long rows, int bins)
    {
        using var scope = NewDisposeScope();
        using var twoHot = new TwoHot(bins, CPU, float32);
        var (logits, weight) = (Normal(1, rows, bins), Normal(2, rows));
        var positions = tensor(twoHot.Bins, float32);
        // The outer bins are huge: what counts is the error against the size of the terms.
        var size = (logits.softmax(-1) * positions.abs()).sum(1);
        Near(zeros(rows), (Kernels.TwoHotMean(logits, positions) - Kernels.TwoHotMeanEager(logits, positions)) / size, 1e-5);
        var (index, share) = Targets(twoHot, rows);
        var fused = Gradients([logits], leaves => (Kernels.TwoHotLoss(leaves[0], index, share) * weight).sum());
        var eager = Gradients([logits], leaves => (Kernels.TwoHotLossEager(leaves[0], index, share) * weight).sum());
        Near(Kernels.TwoHotLossEager(logits, index, share), Kernels.TwoHotLoss(logits, index, share), 1e-5);
        Near(eager[0], fused[0], 1e-5);
    }

    [Fact]
    public void TwoHotLossGradientEqualsFiniteDifferences()
    {
        using var scope = NewDisposeScope();
        using var twoHot = new TwoHot(7, CPU, float32);
        var logits = Normal(1, 4, 7);
        var (index, share) = Targets(twoHot, 4);
        var fused = Gradients([logits], leaves => Kernels.TwoHotLoss(leaves[0], index, share).sum());
        Near(Differences(logits, x => Kernels.TwoHotLossEager(x, index, share.to(float64)).sum()), fused[0], 1e-5);
    }

    [Fact]
    public void AnIndexOutsideTheBinsIsRefused()
    {
        using var scope = NewDisposeScope();
        Assert.ThrowsAny<Exception>(() => Kernels.TwoHotLoss(zeros(1, 5), tensor([4L, 5L]).view(1, 2), zeros(1, 2)));
    }

    private static (Tensor Index, Tensor Share) Targets(TwoHot twoHot, long rows)
    {
        var (a, b) = (twoHot.Encode(Normal(5, rows) * 30), twoHot.Encode(Normal(6, rows)));
        return (stack([a.Below, a.Above, b.Below, b.Above], 1), stack([a.WeightBelow, a.WeightAbove, b.WeightBelow, b.WeightAbove], 1));
    }

    private static Tensor[] Gradients(Tensor[] inputs, Func<Tensor[], Tensor> loss)
    {
        var leaves = inputs.Select(input => input.detach().clone().requires_grad_()).ToArray();
        loss(leaves).backward();
        return [.. leaves.Select(leaf => leaf.grad!)];
    }
}
