using Dreamer.Agents.Checkpoints;
using Dreamer.Agents.DreamerV1;
using Dreamer.Agents.Optimisers;
using Dreamer.Agents.Tests.Support;
using Dreamer.Policies;
using Dreamer.Spaces;
using TorchSharp;
using static TorchSharp.torch;

namespace Dreamer.Agents.Tests;

public sealed class DreamerV1AgentTests
{
    internal static readonly DreamerV1Options Debug = new()
    {
        BatchSize = 6,
        BatchLength = 8,
        Deter = 9,
        Stoch = 5,
        Hidden = 7,
        Depth = 2,
        Units = 11,
        VectorUnits = 10,
        VectorLayers = 2,
        ActorLayers = 2,
        ValueLayers = 1,
        RewardLayers = 1,
        ContinueLayers = 1,
        ContrastiveLayers = 1,
        ImaginationHorizon = 5,
    };

    private static readonly EnvironmentSpec Vision = new(new ActionSpec(ActionKind.Continuous, 6), new TensorSpec("image", DType.UInt8, 64, 64, 3));

    [Fact]
    public void ModulesHaveThePublishedSizes()
    {
        var counts = DreamerV1Agent.Describe(new DreamerV1Options(), Vision);
        Assert.Equal(["enc", "rssm", "dec", "rew", "val", "actor"], counts.Keys);
        Assert.Equal([690_144, 557_920, 3_795_555, 253_201, 413_601, 578_412], counts.Values);
    }

    [Theory]
    [InlineData("vector", Representation.Reconstruction, true)]
    [InlineData("image", Representation.Contrastive, false)]
    [InlineData("everything", Representation.RewardOnly, false)]
    public void EveryLossIsFiniteAndReported(string space, Representation representation, bool ends)
    {
        var spec = Spec(space);
        using var agent = new DreamerV1Agent(Debug with { Representation = representation, PredictContinue = ends }, spec, CPU, seed: 1);
        var metrics = agent.Train(Batches.Random(agent, spec, 1), metrics: true).Metrics!;
        Assert.All(metrics, metric => Assert.True(double.IsFinite(metric.Value), metric.Key));
        var expected = spec.Observations.Select(tensor => tensor.Key).Concat(["rew", "kl", "policy", "value"])
            .Concat(ends ? ["con"] : []).Concat(representation == Representation.Contrastive ? ["cpc"] : []);
        Assert.Equal(expected.Order(), metrics.Keys.Where(key => key.StartsWith("train/loss/", StringComparison.Ordinal)).Select(key => key["train/loss/".Length..]).Order());
        Assert.Null(agent.Train(Batches.Random(agent, spec, 2), metrics: false).Metrics);
        Assert.Empty(agent.Train(Batches.Random(agent, spec, 3), metrics: false).State);
    }

    /// <summary>The gradient of the whole objective by backward and by central differences, one parameter of every part at a time.</summary>
    [Theory]
    [InlineData(ActionKind.Discrete, 0)]
    [InlineData(ActionKind.Continuous, 0.9)]
    [InlineData(ActionKind.Continuous, 1e-9)]
    public void EachLossReachesItsOwnParametersWithTheRightGradient(ActionKind kind, double discount)
    {
        var ends = discount == 0; // predicted
        using var scope = NewDisposeScope();
        var spec = new EnvironmentSpec(new ActionSpec(kind, 2), new TensorSpec("vector", DType.Float32, 3));
        var options = Debug with { BatchSize = 3, BatchLength = 4, FreeNats = 0, ImaginationHorizon = 3, Representation = Representation.Contrastive, PredictContinue = ends, Discount = ends ? 0.99 : discount };
        using var agent = new DreamerV1Agent(options, spec, CPU, seed: 1, ScalarType.Float64);
        var model = agent.Model;
        var batch = Batches.Random(agent, spec, 1);
        var data = ReplayedSteps.Load(batch, Experience.Schema.For(spec, []), model.Layout, options.BatchSize, options.BatchLength, CPU, ScalarType.Float64);
        IReadOnlyDictionary<string, double> Measure(bool backward)
        {
            agent.Reseed(7);
            var book = new LossBook(metrics: true);
            var total = agent.Losses(data, book);
            if (backward)
            {
                total.backward();
            }

            return book.Read()!;
        }

        var parameters = new[] { model.World, model.Critic, model.Behaviour }.SelectMany(set => set.Parameters).ToDictionary(parameter => parameter.Name);
        using (no_grad())
        {
            // The actor sees features without a gradient: where its answer does not depend on them, differences agree.
            parameters["actor/mlp0/weight"].Value.zero_();
        }

        Measure(backward: true);
        (string Parameter, string[] Losses)[] cases =
        [
            ("enc/mlp0/weight", ["cpc", "rew", "con", "kl"]),
            ("rssm/gru/recurrent/weight", ["cpc", "rew", "con", "kl"]),
            ("rssm/prior_state/bias", ["kl"]),
            ("dec/out/weight", ["vector"]),
            ("rew/mlp0/weight", ["rew"]),
            // Targets and weights are held still: where they depend on the parameters, differences see more than backward does.
            .. discount == 1e-9 ? new[] { ("val/mlp0/weight", new[] { "value" }) } : [],
            .. ends ? [] : new[] { ("actor/mlp0/weight", new[] { "policy" }) },
        ];
        foreach (var (name, losses) in cases)
        {
            var parameter = parameters[name].Value;
            var gradient = parameter.grad!.view(-1).data<double>().ToArray();
            for (var i = 0; i < Math.Min(4, gradient.Length); i++)
            {
                double At(double step)
                {
                    using (no_grad())
                    {
                        parameter.view(-1).narrow(0, i, 1).add_(step);
                    }

                    var metrics = Measure(backward: false);
                    return losses.Where(loss => ends || loss != "con").Sum(loss => metrics[$"train/loss/{loss}"] * (loss == "con" ? options.ContinueScale : 1));
                }

                var slope = (At(1e-5) - At(-2e-5)) / 2e-5;
                At(1e-5);
                Assert.True(Math.Abs(slope - gradient[i]) < 1e-6 * Math.Max(1, Math.Abs(slope)), $"{name}[{i}]: {gradient[i]} by backward, {slope} by differences");
            }
        }
    }

    [Fact]
    public void OneBatchIsOverfitted()
    {
        var spec = Batches.Vector;
        var fast = new AdamOptions { LearningRate = 5e-3, Clip = 100 };
        var options = Debug with { Deter = 48, Stoch = 16, Hidden = 48, Units = 48, VectorUnits = 48, FreeNats = 0, KlScale = 0.01, ModelOptimiser = fast };
        using var agent = new DreamerV1Agent(options, spec, CPU, seed: 1);
        var batch = Batches.Random(agent, spec, 1);
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
    public void TheContrastiveHeadLearnsToTellObservationsApart()
    {
        var options = Debug with { Representation = Representation.Contrastive, FreeNats = 0, KlScale = 0.01, ModelOptimiser = new AdamOptions { LearningRate = 5e-3, Clip = 100 } };
        using var agent = new DreamerV1Agent(options, Batches.Vector, CPU, seed: 1);
        var batch = Batches.Random(agent, Batches.Vector, 1);
        // 6 windows of 8 steps stand against each observation: chance is ln 48.
        var first = agent.Train(batch, metrics: true).Metrics!["train/loss/cpc"];
        for (var update = 0; update < 150; update++)
        {
            agent.Train(batch, metrics: false);
        }

        var last = agent.Train(batch, metrics: true).Metrics!["train/loss/cpc"];
        Assert.True(first > Math.Log(48) - 1 && last < 0.6 * first, $"{first} -> {last}");
    }

    [Fact]
    public void SavingAndResumingGoesOnBitForBit()
    {
        const int N = 3;
        var directory = Directory.CreateTempSubdirectory("resume").FullName;
        try
        {
            var store = new CheckpointStore(directory);
            using var straight = new DreamerV1Agent(Debug, Batches.Everything, CPU, seed: 3);
            using var resumed = new DreamerV1Agent(Debug, Batches.Everything, CPU, seed: 99);
            var batches = Enumerable.Range(0, 2 * N).Select(i => Batches.Random(straight, Batches.Everything, i)).ToArray();
            Array.ForEach(batches[..N], batch => straight.Train(batch, metrics: false));
            store.Save(straight.Updates, straight.Save);
            using (var reader = store.OpenNewest(Assert.Fail)!)
            {
                resumed.Load(reader);
            }

            Assert.Equal(N, resumed.Updates);
            foreach (var batch in batches[N..])
            {
                Assert.Equal(straight.Train(batch, metrics: true).Metrics, resumed.Train(batch, metrics: true).Metrics);
            }

            Assert.Equal(straight.ExportPolicy(1).Weights.ToArray(), resumed.ExportPolicy(1).Weights.ToArray());
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public void NothingLeaksOver100Updates()
    {
        using var agent = new DreamerV1Agent(Debug with { Representation = Representation.Contrastive }, Batches.Vector, CPU, seed: 1);
        var batch = Batches.Random(agent, Batches.Vector, 1);
        agent.Train(batch, metrics: true);
        agent.ExportPolicy(1);
        var alive = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (var n = 0; n < 100; n++)
        {
            agent.Train(batch, metrics: n % 10 == 0);
            agent.ExportPolicy(n);
        }

        Assert.Equal(alive, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void ActionsAreRandomUntilTheFirstUpdate()
    {
        using var agent = new DreamerV1Agent(Debug, Batches.Vector, CPU, seed: 1);
        var policy = PolicyFactory.Create(agent.ExportPolicy(0), slots: 2, seed: 1);
        Assert.Equal("random", policy.Agent);
        agent.Train(Batches.Random(agent, Batches.Vector, 1), metrics: false);
        Assert.Equal("dreamer_v1", PolicyFactory.Renew(policy, agent.ExportPolicy(1), seed: 1).Agent);
    }

    [Fact]
    public void ThePictureComparesTruthAndPrediction()
    {
        using var agent = new DreamerV1Agent(Debug, Batches.Everything, CPU, seed: 1);
        var report = agent.Report(Batches.Random(agent, Batches.Everything, 1));
        var picture = Assert.Single(report, picture => picture.Frames == 1);
        Assert.Equal(("openloop/image", 4 * 3 * 64, 8 * 64, 3), (picture.Name, picture.Height, picture.Width, picture.Channels));
        var dream = Assert.Single(report, picture => picture.Name == "dream/image");
        Assert.Equal((5, 64, 4 * 64, 3), (dream.Frames, dream.Height, dream.Width, dream.Channels));
    }

    [Fact]
    public void ImagesOfAnotherSizeAreRefusedWithTheRemedy()
    {
        var spec = new EnvironmentSpec(new ActionSpec(ActionKind.Discrete, 2), new TensorSpec("image", DType.UInt8, 96, 96, 3));
        Assert.Contains("env.size", Assert.Throws<NotSupportedException>(() => DreamerV1Agent.Describe(Debug, spec)).Message, StringComparison.Ordinal);
    }

    private static EnvironmentSpec Spec(string space) => space switch
    {
        "vector" => Batches.Vector,
        "image" => Batches.Image,
        _ => Batches.Everything,
    };
}
