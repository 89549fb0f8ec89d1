using Dreamer.Agents.DreamerV3;
using Dreamer.Agents.Optimisers;
using Dreamer.Agents.Tests.Support;
using Dreamer.Spaces;
using TorchSharp;
using static TorchSharp.torch;

namespace Dreamer.Agents.Tests;

/// <summary>DreamerV3 without reconstruction (spec 11).</summary>
public sealed class RepresentationTests
{
    private static readonly DreamerV3Options R2 = Sizes.Debug with { Representation = Representation.R2 };

    [Fact]
    public void TheLossOfAnExampleByHand()
    {
        using var scope = NewDisposeScope();

        // Standardised by the unbiased deviation of two rows all columns are +-1/sqrt(2), the last one turned round:
        // C = [[.5, -.5], [.5, -.5]], so the loss is .25 + 2.25 + scale (.25 + .25).
        var x = tensor(new[] { 1.0, 7, -1, 3 }).view(2, 2);
        var y = tensor(new[] { 10.0, -4, 2, 4 }).view(2, 2);
        Assert.Equal(2.5 + (0.01 * 0.5), RedundancyHead.Loss(x, y, 0.01).item<double>(), 6);
    }

    [Fact]
    public void ItsGradientAgreesWithDifferencesAndTokensGetNone()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3, CPU);
        var set = new Nets.ParameterSet();
        var head = new RedundancyHead(set, tokens: 3, features: 4, redundancyScale: 0.3);
        set.Allocate(CPU, ScalarType.Float64, seed: 5, trainable: true);
        var feature = empty([6, 4], ScalarType.Float64, CPU).normal_(0, 1, generator).requires_grad_();
        var tokens = empty([6, 3], ScalarType.Float64, CPU).normal_(0, 1, generator).requires_grad_();
        head.Loss(feature, tokens).backward();
        Assert.Null(tokens.grad);
        foreach (var leaf in new[] { feature, set.Parameters[0].Value })
        {
            var gradient = leaf.grad!.reshape(-1).data<double>().ToArray();
            for (var i = 0; i < gradient.Length; i++)
            {
                double At(double step)
                {
                    using var noGrad = no_grad();
                    leaf.view(-1).narrow(0, i, 1).add_(step);
                    return head.Loss(feature, tokens).item<double>();
                }

                var slope = (At(1e-5) - At(-2e-5)) / 2e-5;
                At(1e-5);
                Assert.Equal(slope, gradient[i], 6);
            }
        }

        set.Dispose();
    }

    [Fact]
    public void AProjectionOfFeaturesToTokensTakesTheDecodersPlace()
    {
        // 256 units of the vector encoder, 4 x 4 x 64 of the image encoder; features 2048 + 32 x 16.
        foreach (var (tensor, tokens) in new[] { (new TensorSpec("vector", DType.Float32, 24), 256L), (new TensorSpec("image", DType.UInt8, 64, 64, 3), 1024L) })
        {
            var spec = new EnvironmentSpec(new ActionSpec(ActionKind.Continuous, 6), tensor);
            var options = Sizes.Named("size12m");
            var whole = DreamerV3Agent.Describe(options, spec);
            var without = DreamerV3Agent.Describe(options with { Representation = Representation.R2 }, spec);
            Assert.Equal(["enc", "dyn", "prj", "rew", "con", "pol", "val"], without.Keys);
            Assert.Equal(tokens * 2560, without["prj"]);
            Assert.Equal(whole.Values.Sum() - whole["dec"], without.Values.Sum() - without["prj"]);
        }
    }

    [Fact]
    public void OneBatchIsOverfittedAndTheEncoderLearnsWithoutADecoder()
    {
        var options = R2 with
        {
            Deter = 32,
            Hidden = 16,
            Units = 16,
            Stoch = 8,
            Bins = 41,
            Optimiser = new LaPropOptions { LearningRate = 3e-3, WarmupUpdates = 20 },
        };
        using var agent = new DreamerV3Agent(options, Batches.Vector, CPU, seed: 1);
        var batch = Batches.Random(agent, Batches.Vector, 1);
        var before = agent.Model.Parameters.Segment(agent.Model.Parameters.Flat, "enc").detach().clone();
        var first = agent.Train(batch, metrics: true).Metrics!;
        for (var update = 0; update < 250; update++)
        {
            agent.Train(batch, metrics: false);
        }

        var last = agent.Train(batch, metrics: true).Metrics!;
        Assert.DoesNotContain("train/loss/vector", last.Keys);
        foreach (var loss in new[] { "train/loss/r2", "train/loss/rew" })
        {
            Assert.True(last[loss] < 0.5 * first[loss], $"{loss}: {first[loss]} -> {last[loss]}");
        }

        Assert.True((agent.Model.Parameters.Segment(agent.Model.Parameters.Flat, "enc") - before).abs().max().item<float>() > 1e-3);
        Assert.Equal(0, first["train/opt/update_rms"]); // the warm-up begins at a rate of 0
        Assert.InRange(last["train/opt/update_rms"], 1e-5, 3e-3);
        before.Dispose();
    }

    [Fact]
    public void ImagesWithoutADecoderAreReportedByNoPicture()
    {
        using var agent = new DreamerV3Agent(R2, Batches.Image, CPU, seed: 1);
        Assert.Empty(agent.Report(Batches.Random(agent, Batches.Image, 1)));
    }
}
