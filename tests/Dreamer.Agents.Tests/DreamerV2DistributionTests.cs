using Dreamer.Agents.Distributions;
using Dreamer.Agents.Nets;
using Dreamer.Agents.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace Dreamer.Agents.Tests;

/// <summary>What only DreamerV2 draws from and normalises with, in float64, against plain arithmetic.</summary>
public sealed class DreamerV2DistributionTests
{
    [Fact]
    public void StandardDeviationsAreThePublishedOnes()
    {
        using var scope = NewDisposeScope();
        Tensors.Near([1.1, 1.344918662], BoundedStd.Of(Tensors.F64(0, 1)), 1e-9);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1.5, -6)]
    [InlineData(-0.4, 4)]
    public void TheTruncatedNormalIsADistributionOnItsInterval(double mean, double std)
    {
        using var scope = NewDisposeScope();
        const int cells = 20000;
        var middles = ((arange(0, cells, float64) + 0.5) / cells * 2 - 1).unsqueeze(-1);
        var normal = TruncatedNormal.FromRaw(Tensors.F64(mean), Tensors.F64(std));
        var density = normal.LogProbability(middles).exp() * 2 / cells;
        Assert.Equal(1, density.sum().item<double>(), 6);
        Assert.Equal(-(density * normal.LogProbability(middles)).sum().item<double>(), normal.Entropy().item<double>(), 6);

        // A sample lies where the probability below it is the uniform number.
        foreach (var uniform in new[] { 0.001, 0.3, 0.9 })
        {
            var sample = normal.Sample(Tensors.F64(uniform));
            var below = (density * middles.squeeze(-1).lt(sample).to(float64)).sum().item<double>();
            Assert.Equal(uniform, below, 2e-3);
        }
    }

    [Fact]
    public void SamplesOfTheTruncatedNormalPassTheGradientOn()
    {
        using var scope = NewDisposeScope();
        var uniform = Tensors.F64(0.2, 0.7, 0.5);
        Tensor Sample(Tensor raw) => TruncatedNormal.FromRaw(raw.narrow(0, 0, 3), raw.narrow(0, 3, 3)).Sample(uniform).dot(Tensors.F64(1, 2, 3));
        var raw = Tensors.F64(0.3, -1, 2, 0.5, -2, -4).requires_grad_(true);
        Sample(raw).backward();
        Tensors.Near(Tensors.Differences(raw, Sample), raw.grad!, 1e-7);
    }

    [Fact]
    public void SamplesOfTheTruncatedNormalStayInsideAndFinite()
    {
        using var scope = NewDisposeScope();
        var raw = tensor(new[] { 20f, -20, 20, -20 }).requires_grad_(true);
        var sample = TruncatedNormal.FromRaw(raw, full(4, -20f)).Sample(tensor(new[] { 0f, 0, 0.9999999f, 0.9999999f }));
        sample.sum().backward();
        Assert.All(sample.detach().data<float>().ToArray(), value => Assert.InRange(value, -0.9999991f, 0.9999991f));
        Assert.All(raw.grad!.data<float>().ToArray(), value => Assert.True(float.IsFinite(value)));
    }

    [Fact]
    public void CategoriesMeasureDivergenceEntropyAndLogProbability()
    {
        using var scope = NewDisposeScope();
        var (logitsP, logitsQ) = (Tensors.F64(2, 0, -1, 0.5), Tensors.F64(0, 0, 1, 0));
        var (p, q) = (logitsP.softmax(-1), logitsQ.softmax(-1));
        Tensors.Near((p * (p / q).log()).sum(), Categorical.Divergence(logitsP, logitsQ), 1e-12);
        Tensors.Near(-(p * p.log()).sum(), Categorical.Entropy(logitsP), 1e-12);
        Tensors.Near([Math.Log(p[1].item<double>())], Categorical.LogProbability(logitsP, Tensors.F64(0, 1, 0, 0)).view(1), 1e-12);
        // Certain categories: no infinity, and none of 0 * infinity.
        Assert.Equal(1000, Categorical.Divergence(tensor(new[] { 1000f, 0 }), tensor(new[] { 0f, 1000 })).item<float>(), 3);
    }

    [Fact]
    public void CategoricalStatesHaveTheStraightThroughGradient()
    {
        using var scope = NewDisposeScope();
        var latent = new CategoricalLatent(variables: 2, classes: 3);
        var (logits, noise) = (Tensors.F64(1, 0, -1, 0.5, 0.5, 2).view(1, 6).requires_grad_(true), Tensors.F64(0.1, 0.99).view(1, 2));
        var state = latent.Sample(logits, noise);
        Tensors.Near([1, 0, 0, 0, 0, 1], state.view(-1), 0);
        var weight = Tensors.F64(1, 2, 3, 4, 5, 6);
        state.view(-1).dot(weight).backward();
        Tensors.Near(Tensors.Differences(logits, x => x.view(2, 3).softmax(-1).view(-1).dot(weight)), logits.grad!, 1e-8);

        // Summed over the variables.
        var other = zeros_like(logits.detach());
        Tensors.Near(
            Categorical.Divergence(logits.detach().view(2, 3), other.view(2, 3)).sum(), latent.Divergence(logits.detach(), other).squeeze(0), 1e-12);
    }

    [Fact]
    public void NormalStatesUseTheBoundedSpread()
    {
        using var scope = NewDisposeScope();
        var latent = new NormalLatent(variables: 2);
        var parameters = Tensors.F64(0.5, -1, 0, 1).view(1, 4);
        Tensors.Near([0.5 + 1.1 * 2, -1 + 1.344918662 * -1], latent.Sample(parameters, Tensors.F64(2, -1).view(1, 2)).view(-1), 1e-9);
        Tensors.Near([0], latent.Divergence(parameters, parameters), 1e-12);
    }

    [Fact]
    public void TheCellNormalisesItsGatesAndWeighsTheCandidate()
    {
        using var scope = NewDisposeScope();
        using var set = new ParameterSet();
        var cell = new NormGruCell(set, "gru", inputs: 2, units: 3);
        set.Allocate(CPU, ScalarType.Float64, seed: 1, trainable: false);
        var weights = set.Parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Value);
        weights["gru/gates/norm/scale"].copy_(Tensors.Normal(3, 9));
        weights["gru/gates/norm/offset"].copy_(Tensors.Normal(4, 9));
        weights["gru/gates/bias"].copy_(Tensors.Normal(5, 9));
        var (x, h) = (Tensors.Normal(1, 4, 2).to(float64), Tensors.Normal(2, 4, 3).to(float64));
        var raw = cat([x, h], 1).matmul(weights["gru/gates/weight"].t()) + weights["gru/gates/bias"];
        var centred = raw - raw.mean([1], keepdim: true);
        var gates = centred / (centred.square().mean([1], keepdim: true) + 1e-3).sqrt() * weights["gru/gates/norm/scale"] + weights["gru/gates/norm/offset"];
        var (r, c, u) = (gates.narrow(1, 0, 3).sigmoid(), gates.narrow(1, 3, 3), (gates.narrow(1, 6, 3) - 1).sigmoid());
        Tensors.Near(u * (r * c).tanh() + (1 - u) * h, cell.Step(x, h), 1e-12);
    }
}
