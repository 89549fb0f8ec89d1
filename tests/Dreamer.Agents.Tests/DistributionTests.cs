using Dreamer.Agents.Distributions;
using static Dreamer.Agents.Tests.Support.Tensors;
using static TorchSharp.torch;

namespace Dreamer.Agents.Tests;

/// <summary>The reference numbers of the specification's section 9, in float64.</summary>
public sealed class DistributionTests
{
    private const double Unimix = 0.01;

    [Fact]
    public void BinsAreThePublishedOnes()
    {
        using var twoHot = new TwoHot(255, CPU, float64);
        Near([-485165194.4097903, -0.17055771528018565, 0, 0.17055771528018565], F64(twoHot.Bins[0], twoHot.Bins[126], twoHot.Bins[127], twoHot.Bins[128]), 1e-12);
        Assert.All(Enumerable.Range(0, 255), i => Assert.Equal(-twoHot.Bins[i], twoHot.Bins[254 - i]));
    }

    [Theory]
    [InlineData(0.1, 127, 0.413688206, 128, 0.586311794)]
    [InlineData(1.0, 131, 0.617329079, 132, 0.382670921)]
    [InlineData(-3.7, 117, 0.815567701, 118, 0.184432299)]
    [InlineData(10, 142, 0.786963016, 143, 0.213036984)]
    [InlineData(1000, 170, 0.138448504, 171, 0.861551496)]
    public void TargetsAreInterpolatedBetweenRawBins(double value, int below, double weightBelow, int above, double weightAbove)
    {
        using var scope = NewDisposeScope();
        using var twoHot = new TwoHot(255, CPU, float64);
        var code = twoHot.Encode(F64(value));
        Assert.Equal((below, above), (code.Below.item<long>(), code.Above.item<long>()));
        Near([weightBelow, weightAbove], stack([code.WeightBelow, code.WeightAbove]).view(-1), 1e-8);
    }

    [Theory]
    [InlineData(1e9, 254)]
    [InlineData(-1e9, 0)]
    [InlineData(0, 127)]
    public void ValuesOnOrBeyondABinGiveItAll(double value, int bin)
    {
        using var scope = NewDisposeScope();
        using var twoHot = new TwoHot(255, CPU, float64);
        var (below, above, weightBelow, weightAbove) = twoHot.Encode(F64(value));
        var total = zeros([255], float64).scatter_add_(0, below, weightBelow).scatter_add_(0, above, weightAbove);
        Near([1, 1], stack([total.select(0, bin), total.sum()]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ZeroLogitsHaveLossLn255AndMeanExactlyZero(bool single)
    {
        using var scope = NewDisposeScope();
        var type = single ? float32 : float64;
        using var twoHot = new TwoHot(255, CPU, type);
        var logits = zeros([2, 255], type);
        Near([5.541263545, 5.541263545], twoHot.Loss(logits, tensor([0.3, -40.0], type)), single ? 1e-6 : 1e-9);
        Assert.Equal([0.0, 0.0], twoHot.Mean(logits).to(float64).data<double>().ToArray());
    }

    [Fact]
    public void TheMeanOfATwoHotIsItsValue()
    {
        using var scope = NewDisposeScope();
        using var twoHot = new TwoHot(255, CPU, float64);
        var value = F64(-3.7, 0.1, 250);
        var (below, above, weightBelow, weightAbove) = twoHot.Encode(value);
        var probabilities = zeros([3, 255], float64).scatter_add_(1, below.unsqueeze(1), weightBelow.unsqueeze(1))
            .scatter_add_(1, above.unsqueeze(1), weightAbove.unsqueeze(1));
        Near([-3.7, 0.1, 250], twoHot.Mean((probabilities + 1e-30).log()), 1e-9);
    }

    [Fact]
    public void SeveralTargetsAddUp()
    {
        using var scope = NewDisposeScope();
        using var twoHot = new TwoHot(41, CPU, float64);
        var logits = Normal(1, 3, 41).to(float64);
        var (a, b) = (F64(1, -2, 300), F64(0, 0.5, 1e12));
        Near(twoHot.Loss(logits, a) + twoHot.Loss(logits, b), twoHot.Loss(logits, a, b), 1e-12);
    }

    [Fact]
    public void UnimixNumbers()
    {
        using var scope = NewDisposeScope();
        var (p, q) = (F64(2, 0, -1, .5), F64(0, 0, 1, 0));
        Near([.705498924, .097640558, .037500255, .159360262], OneHot.Probabilities(p, Unimix), 1e-8);
        Near([.889078144], OneHot.Entropy(p, Unimix).view(1), 1e-8);
        Near([.813142430], OneHot.Divergence(p.view(1, 4), q.view(1, 4), Unimix).view(1), 1e-8);
        Near([1.075298714], OneHot.Divergence(q.view(1, 4), p.view(1, 4), Unimix).view(1), 1e-8);
        Near([Math.Log(.705498924)], OneHot.LogProbability(p, F64(1, 0, 0, 0), Unimix).view(1), 1e-8);
    }

    [Fact]
    public void DivergenceSumsOverTheVariables()
    {
        using var scope = NewDisposeScope();
        var (p, q) = (Normal(1, 2, 3, 4).to(float64), Normal(2, 2, 3, 4).to(float64));
        var whole = OneHot.Divergence(p, q, Unimix);
        var parts = OneHot.Divergence(p.view(6, 1, 4), q.view(6, 1, 4), Unimix).view(2, 3).sum(1);
        Near(parts, whole, 1e-12);
    }

    [Fact]
    public void BoundedNormalNumbers()
    {
        using var scope = NewDisposeScope();
        var normal = BoundedNormal.FromRaw(F64(.3), F64(-.2));
        Near([.291312612], normal.Mean, 1e-8);
        Near([.872334042], normal.Std, 1e-8);
        Near([-.790117483], normal.LogProbability(F64(.4)).view(1), 1e-8);
        Near([1.282355680], normal.Entropy().view(1), 1e-8);
        Near([.892717370], BoundedNormal.FromRaw(F64(0), F64(0)).Std, 1e-8);
        Near([.291312612 + 2 * .872334042], normal.Sample(F64(2)), 1e-8);
    }

    [Fact]
    public void SymlogNumbers()
    {
        using var scope = NewDisposeScope();
        Near([-Math.Log(3), 0, Math.Log(101)], Symlog.Forward(F64(-2, 0, 100)), 1e-12);
        Assert.Equal(100, Symlog.Inverse(Math.Log(101)), 9);
    }
}
