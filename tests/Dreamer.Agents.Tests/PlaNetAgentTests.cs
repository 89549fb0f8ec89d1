using Dreamer.Agents.Checkpoints;
using Dreamer.Agents.Optimisers;
using Dreamer.Agents.PlaNet;
using Dreamer.Agents.Tests.Support;
using Dreamer.Experience;
using Dreamer.Spaces;
using TorchSharp;
using static TorchSharp.torch;

namespace Dreamer.Agents.Tests;

public sealed class PlaNetAgentTests
{
    internal static readonly PlaNetOptions Debug = new()
    {
        BatchSize = 6,
        BatchLength = 8,
        Deter = 9,
        Stoch = 5,
        Hidden = 7,
        Depth = 2,
        Units = 11,
        VectorLayers = 2,
        RewardLayers = 2,
        Planner = new PlannerOptions { Horizon = 4, Iterations = 3, Candidates = 150, Top = 15 },
    };

    internal static readonly EnvironmentSpec Vector = new(new ActionSpec(ActionKind.Continuous, 2), new TensorSpec("vector", DType.Float32, 5));

    [Fact]
    public void ModulesHaveThePublishedSizes()
    {
        var vision = new EnvironmentSpec(new ActionSpec(ActionKind.Continuous, 6), new TensorSpec("image", DType.UInt8, 64, 64, 3));
        var counts = PlaNetAgent.Describe(new PlaNetOptions(), vision);
        Assert.Equal(["enc", "rssm", "dec", "rew"], counts.Keys);

        // The block GRU has one bias where Keras' has two: 600 fewer than Dreamer's 557,920. Reward: 230 -> 3 x 300 -> 1.
        Assert.Equal([690_144, 557_320, 3_795_555, 69_300 + (2 * 90_300) + 301], counts.Values);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void EveryLossIsFiniteAndReported(int overshooting)
    {
        using var agent = new PlaNetAgent(Debug with { Overshooting = overshooting }, Batches.Everything, CPU, seed: 1);
        var metrics = agent.Train(Batches.Random(agent, Batches.Everything, 1), metrics: true).Metrics!;
        Assert.All(metrics, metric => Assert.True(double.IsFinite(metric.Value), metric.Key));
        Assert.Equal(overshooting > 0, metrics.ContainsKey("train/loss/overshooting"));
        Assert.All(["vector", "room", "image", "rew", "kl"], (string loss) => Assert.Contains($"train/loss/{loss}", metrics.Keys));
    }

    [Fact]
    public void ThePictureComparesTruthAndPredictionAndShowsWhatIsPlanned()
    {
        using var agent = new PlaNetAgent(Debug, Batches.Everything, CPU, seed: 1);
        var report = agent.Report(Batches.Random(agent, Batches.Everything, 1));
        var picture = Assert.Single(report, picture => picture.Frames == 1);
        Assert.Equal(("openloop/image", 3), (picture.Name, picture.Channels));
        var dream = Assert.Single(report, picture => picture.Name == "dream/image");
        Assert.Equal((Debug.Planner.Horizon + 1, 64, 4 * 64, 3), (dream.Frames, dream.Height, dream.Width, dream.Channels));
    }

    [Fact]
    public void WhatIsPlannedPromisesMoreThanPlansThatNobodyChose()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Assert.True(Promised(Debug.Planner) > Promised(Debug.Planner with { Top = Debug.Planner.Candidates }));

        double Promised(PlannerOptions planner)
        {
            using var agent = new PlaNetAgent(Debug with { Planner = planner }, Vector, CPU, seed: 3);
            agent.Reseed(1);
            var (deter, stoch) = (zeros([1, Debug.Deter]), zeros([1, Debug.Stoch]));
            return Enumerable.Range(0, 20).Sum(_ => agent.Model.Reward.Apply(agent.Dream(deter, stoch)).sum().item<float>());
        }
    }

    [Fact]
    public void TheGradientIsThatOfTheLoss()
    {
        using var scope = NewDisposeScope();
        // Free nats below every divergence: nothing is cut off. Targets of overshooting are held still, so it is left out.
        var options = Debug with { BatchSize = 3, BatchLength = 4, FreeNats = 0 };
        using var agent = new PlaNetAgent(options, Vector, CPU, seed: 1, ScalarType.Float64);
        var data = ReplayedSteps.Load(Batches.Random(agent, Vector, 1), Schema.For(Vector, []), agent.Model.Layout, 3, 4, CPU, ScalarType.Float64);
        Tensor Loss()
        {
            agent.Reseed(7);
            return agent.Losses(data, new LossBook(metrics: false));
        }

        Loss().backward();
        foreach (var name in new[] { "enc/mlp0/weight", "rssm/gru/gates/weight", "rssm/gru/candidate/weight", "rssm/prior_state/weight", "dec/mlp0/weight", "rew/out/weight" })
        {
            var parameter = agent.Model.Parameters.Parameters.Single(parameter => parameter.Name == name).Value;
            var gradient = parameter.grad!.view(-1).data<double>().ToArray();
            using var noGrad = no_grad();
            for (var i = 0; i < 4; i++)
            {
                var element = parameter.view(-1).narrow(0, i, 1);
                element.add_(1e-5);
                var above = Loss().item<double>();
                element.add_(-2e-5);
                var below = Loss().item<double>();
                element.add_(1e-5);
                var slope = (above - below) / 2e-5;
                Assert.True(Math.Abs(slope - gradient[i]) < 1e-6 * Math.Max(1, Math.Abs(slope)), $"{name}[{i}]: {gradient[i]} by backward, {slope} by differences");
            }
        }
    }

    [Fact]
    public void OvershootingTrainsThePriorOnly()
    {
        using var scope = NewDisposeScope();
        var options = Debug with { Overshooting = 7, FreeNats = 0, KlScale = 0, RewardScale = 0 };
        using var agent = new PlaNetAgent(options, Vector, CPU, seed: 1);
        using var without = new PlaNetAgent(options with { Overshooting = 0 }, Vector, CPU, seed: 1);
        double Norm(PlaNetAgent trained, string name)
        {
            var data = ReplayedSteps.Load(
                Batches.Random(trained, Vector, 1), Schema.For(Vector, []), trained.Model.Layout, options.BatchSize, options.BatchLength, CPU, ScalarType.Float32);
            trained.Model.Parameters.Gradient.zero_();
            trained.Reseed(1);
            trained.Losses(data, new LossBook(metrics: false)).backward();
            return trained.Model.Parameters.Parameters.Single(parameter => parameter.Name == name).Value.grad!.norm().item<float>();
        }

        Assert.Equal(0, Norm(without, "rssm/prior_state/weight"));
        Assert.True(Norm(agent, "rssm/prior_state/weight") > 0);
    }

    [Fact]
    public void OneBatchIsOverfitted()
    {
        var options = Debug with { Deter = 48, Stoch = 16, Hidden = 48, Units = 48, FreeNats = 0, KlScale = 0.01, Optimiser = new AdamOptions { LearningRate = 5e-3, Clip = 1000 } };
        using var agent = new PlaNetAgent(options, Vector, CPU, seed: 1);
        var batch = Batches.Random(agent, Vector, 1);
        var first = agent.Train(batch, metrics: true).Metrics!;
        for (var update = 0; update < 250; update++)
        {
            agent.Train(batch, metrics: false);
        }

        var last = agent.Train(batch, metrics: true).Metrics!;
        foreach (var loss in new[] { "train/loss/vector", "train/loss/rew" })
        {
            Assert.True(last[loss] < 0.3 * first[loss], $"{loss}: {first[loss]} -> {last[loss]}");
        }
    }

    [Fact]
    public void SavingAndResumingGoesOnBitForBit()
    {
        var directory = Directory.CreateTempSubdirectory("resume").FullName;
        try
        {
            var store = new CheckpointStore(directory);
            using var straight = new PlaNetAgent(Debug, Batches.Everything, CPU, seed: 3);
            using var resumed = new PlaNetAgent(Debug, Batches.Everything, CPU, seed: 99);
            straight.Train(Batches.Random(straight, Batches.Everything, 1), metrics: false);
            store.Save(straight.Updates, straight.Save);
            using (var reader = store.OpenNewest(Assert.Fail)!)
            {
                resumed.Load(reader);
            }

            var batch = Batches.Random(straight, Batches.Everything, 2);
            Assert.Equal(straight.Train(batch, metrics: true).Metrics, resumed.Train(batch, metrics: true).Metrics);
            Assert.Equal(straight.ExportPolicy(1).Weights.ToArray(), resumed.ExportPolicy(1).Weights.ToArray());
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public void DiscreteActionsAreRefusedWithTheNameOfAnAgentThatTakesThem()
    {
        var error = Assert.Throws<ArgumentException>(
            () => AgentFactory.Create("planet", (type, _) => Activator.CreateInstance(type)!, Batches.Vector, "cpu", 1));
        Assert.Contains("use --agent dreamer_v3 or dreamer_v1", error.Message, StringComparison.Ordinal);
    }
}
