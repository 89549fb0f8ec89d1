using static Dreamer.Agents.Tests.Support.Tensors;
using static TorchSharp.torch;

namespace Dreamer.Agents.Tests;

public sealed class ReturnTests
{
    [Fact]
    public void ImaginedReturnsAndWeights()
    {
        using var scope = NewDisposeScope();
        var (going, reward, value) = (F64(.997, .9, .99, .5), F64(9, 1, 2, 3), F64(7, 10, 20, 30));
        Near([18.480745, 19.919, 18.0], LambdaReturn.Imagined(reward.view(4, 1), going.view(4, 1), value.view(4, 1), .95).view(-1), 1e-9);
        Near([.997, .8973, .888327, .4441635], going.cumprod(0), 1e-9);
    }

    [Theory]
    [InlineData(1, 5.885285285, 5.0)]
    [InlineData(0, 7.773891008, 6.993993994)]
    public void ReplayedReturnsEndAtTerminalsAndBootstrapAtTimeLimits(double terminal, double first, double second)
    {
        using var scope = NewDisposeScope();
        var (reward, bootstrap) = (F64(0, 1, 5, .5), F64(4, 3, 2, 6));
        var returns = LambdaReturn.Replayed(
            reward.view(4, 1), F64(0, 0, 1, 0).view(4, 1), F64(0, 0, terminal, 0).view(4, 1), bootstrap.view(4, 1), 1 - 1.0 / 333, .95);
        Near([first, second, 6.481981982], returns.view(-1), 1e-9);
    }

    [Fact]
    public void ColumnsAreIndependent()
    {
        using var scope = NewDisposeScope();
        var (reward, going, value) = (Normal(1, 5, 3), Uniform(2, 5, 3), Normal(3, 5, 3));
        var together = LambdaReturn.Imagined(reward, going, value, .9);
        Assert.Equal([4L, 3L], together.shape);
        Tensor One(Tensor x) => x.narrow(1, 1, 1);
        Near(One(together), LambdaReturn.Imagined(One(reward), One(going), One(value), .9), 1e-6);
    }

    [Fact]
    public void PercentilesMoveSlowlyAndNeverScaleUp()
    {
        using var scope = NewDisposeScope();
        using var scale = new PercentileNormaliser(.01, .05, .95, CPU, float64);
        var values = arange(0, 101).to(float64);
        scale.Update(values);
        Near([.05, .95], scale.Range, 1e-9);
        Near([1], scale.Scale().view(1), 1e-9);
        for (var update = 1; update < 100; update++)
        {
            scale.Update(values.view(101, 1));
        }

        Near([3.169838294, 60.226927579], scale.Range, 1e-8);
        Near([57.057089285], scale.Scale().view(1), 1e-8);
    }
}
