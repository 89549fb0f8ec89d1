using Dreamer.Agents.Checkpoints;
using Dreamer.Agents.DreamerV2;
using Dreamer.Agents.Nets;
using Dreamer.Agents.Optimisers;
using Dreamer.Agents.Tests.Support;
using Dreamer.Experience;
using Dreamer.Policies;
using Dreamer.Spaces;
using TorchSharp;
using static TorchSharp.torch;

namespace Dreamer.Agents.Tests;

public sealed class DreamerV2AgentTests
{
    internal static readonly DreamerV2Options Debug = new()
    {
        BatchSize = 6,
        BatchLength = 8,
        Deter = 9,
        Stoch = 3,
        Classes = 4,
        Hidden = 7,
        Depth = 2,
        Units = 11,
        VectorUnits = 10,
        VectorLayers = 2,
        RewardLayers = 1,
        ContinueLayers = 1,
        ValueLayers = 1,
        ActorLayers = 2,
        ImaginationHorizon = 5,
    };

    internal static readonly Plan2ExploreOptions Exploring = new() { Enabled = true, Models = 3 };

    [Fact]
    public void ModulesHaveThePublishedSizes()
    {
        var atari = new EnvironmentSpec(new ActionSpec(ActionKind.Discrete, 18), new TensorSpec("image", DType.UInt8, 64, 64, 1));
        var counts = DreamerV2Agent.Describe(new DreamerV2Options { Deter = 600, Hidden = 600 }, atari);
        Assert.Equal(["enc", "rssm", "dec", "rew", "con", "actor", "val"], counts.Keys);
        Assert.Equal([1_549_776, 5_664_848, 10_497_553, 1_131_601, 1_131_601, 1_138_418, 1_131_601], counts.Values);
        Assert.Equal(19_975_379, counts.Values.Take(5).Sum());
    }

    [Theory]
    [InlineData("vector", 4, false, ActorGradient.Auto)]
    [InlineData("vector", 0, true, ActorGradient.Dynamics)]
    [InlineData("image", 4, true, ActorGradient.Both)]
    [InlineData("everything", 4, true, ActorGradient.Auto)]
    [InlineData("everything", 0, false, ActorGradient.Both)]
    public void EveryLossIsFiniteAndReported(string space, int classes, bool more, ActorGradient gradient)
    {
        var spec = Spec(space);
        var options = Debug with
        {
            Classes = classes,
            ActorGradient = gradient,
            LayerNorm = more,
            PredictContinue = more,
            TanhRewards = more,
            Plan2Explore = Exploring with { Enabled = more, RewardScale = 0.5 },
        };
        using var agent = new DreamerV2Agent(options, spec, CPU, seed: 1);
        var metrics = agent.Train(Batches.Random(agent, spec, 1), metrics: true).Metrics!;
        Assert.All(metrics, metric => Assert.True(double.IsFinite(metric.Value), metric.Key));
        var expected = spec.Observations.Select(tensor => tensor.Key).Concat(["rew", "kl", "policy", "value"])
            .Concat(more ? ["con", "ensemble", "explorer_policy", "explorer_value"] : []);
        Assert.Equal(expected.Order(), metrics.Keys.Where(key => key.StartsWith("train/loss/", StringComparison.Ordinal)).Select(key => key["train/loss/".Length..]).Order());
        Assert.Null(agent.Train(Batches.Random(agent, spec, 2), metrics: false).Metrics);
        Assert.Empty(agent.Train(Batches.Random(agent, spec, 3), metrics: false).State);
    }

    /// <summary>
    /// The gradient of the whole objective by backward and by central differences, one parameter of every part at a time. States are
    /// normal, or differences could not see through them. Half of the KL trains each side, so differences see twice what backward does.
    /// </summary>
    [Theory]
    [InlineData(ActionKind.Discrete, true, false)]
    [InlineData(ActionKind.Continuous, false, false)]
    [InlineData(ActionKind.Continuous, false, true)]
    public void EachLossReachesItsOwnParametersWithTheRightGradient(ActionKind kind, bool ends, bool norm)
    {
        using var scope = NewDisposeScope();
        var spec = new EnvironmentSpec(new ActionSpec(kind, 2), new TensorSpec("vector", DType.Float32, 3));
        var options = Debug with
        {
            BatchSize = 3,
            BatchLength = 4,
            Classes = 0,
            ImaginationHorizon = 4,
            KlBalance = 0.5,
            PredictContinue = ends,
            ContinueScale = 5,
            LayerNorm = norm,
            EntropyScale = 0.1,
        };
        using var agent = new DreamerV2Agent(options, spec, CPU, seed: 1, ScalarType.Float64);
        var model = agent.Model;
        var parameters = Parameters(model);
        using (no_grad())
        {
            // The slow critic differs from the critic, as after some updates.
            model.Task.SlowSet.Flat.mul_(1.5);
            if (kind == ActionKind.Continuous)
            {
                // The actor sees features without a gradient: where its answer does not depend on them, differences agree.
                parameters["actor/mlp0/weight"].zero_();
                parameters["actor/mlp0/bias"].copy_(Tensors.Normal(9, options.Units));
            }
        }

        var (measure, backward) = Measuring(agent, options, spec);
        backward();
        (string Parameter, string[] Losses)[] cases =
        [
            ("enc/mlp0/weight", ["vector", "rew", "con", "kl"]),
            ("rssm/input/weight", ["vector", "rew", "con", "kl"]),
            ("rssm/gru/gates/weight", ["vector", "rew", "con", "kl"]),
            ("rssm/gru/gates/norm/scale", ["vector", "rew", "con", "kl"]),
            ("rssm/prior_state/bias", ["kl"]),
            ("dec/out/weight", ["vector"]),
            ("rew/mlp0/weight", ["rew"]),
            ("val/mlp0/weight", ["value"]),
            ("actor/mlp1/weight", ["policy"]),
            ("actor/out/weight", ["policy"]),
            .. norm ? new[] { ("enc/mlp1/norm/offset", new[] { "vector", "rew", "con", "kl" }), ("actor/mlp1/norm/scale", ["policy"]) } : [],
        ];
        foreach (var (name, losses) in cases)
        {
            Agrees(name, parameters[name], measure, metrics => losses.Where(loss => ends || loss != "con").Sum(loss =>
                metrics[$"train/loss/{loss}"] * loss switch { "con" => options.ContinueScale, "kl" => 0.5, _ => 1 }));
        }
    }

    /// <summary>With states of categories, nothing behind a sample moves: heads, reinforce and critic are as smooth as before.</summary>
    [Fact]
    public void ReinforceHasTheRightGradientOverCategories()
    {
        using var scope = NewDisposeScope();
        var spec = new EnvironmentSpec(new ActionSpec(ActionKind.Discrete, 3), new TensorSpec("vector", DType.Float32, 3));
        var options = Debug with { BatchSize = 3, BatchLength = 4, EntropyScale = 0.1, KlBalance = 0.8 };
        using var agent = new DreamerV2Agent(options, spec, CPU, seed: 1, ScalarType.Float64);
        var parameters = Parameters(agent.Model);
        var (measure, backward) = Measuring(agent, options, spec);
        backward();
        Agrees("actor/mlp0/weight", parameters["actor/mlp0/weight"], measure, metrics => metrics["train/loss/policy"]);
        Agrees("val/out/weight", parameters["val/out/weight"], measure, metrics => metrics["train/loss/value"]);
        // KL balancing: only four fifths of the divergence train the prior.
        Agrees("rssm/prior_state/bias", parameters["rssm/prior_state/bias"], measure, metrics => 0.8 * metrics["train/loss/kl"]);
    }

    [Fact]
    public void FreeNatsHoldUnderTheMeanOfTheBatch()
    {
        using var agent = new DreamerV2Agent(Debug with { FreeNats = 1000 }, Batches.Vector, CPU, seed: 1);
        var metrics = agent.Train(Batches.Random(agent, Batches.Vector, 1), metrics: true).Metrics!;
        Assert.Equal(1000, metrics["train/loss/kl"], 3);
        Assert.InRange(metrics["train/kl/nats"], 0, 20);
    }

    [Fact]
    public void TheSlowCriticIsCopiedAfterTheFirstUpdateAndThenNowAndThen()
    {
        using var agent = new DreamerV2Agent(Debug with { SlowValueUpdates = 2 }, Batches.Vector, CPU, seed: 1);
        var task = agent.Model.Task;
        bool Same() => (task.SlowSet.Flat - task.ValueSet.Flat).abs().max().item<float>() == 0;
        for (var update = 1; update <= 5; update++)
        {
            agent.Train(Batches.Random(agent, Batches.Vector, update), metrics: false);
            Assert.Equal(update % 2 == 1, Same());
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(0)]
    public void OneBatchIsOverfitted(int classes)
    {
        var spec = Batches.Vector;
        var fast = new AdamOptions { LearningRate = 5e-3, Clip = 100 };
        var options = Debug with { Deter = 48, Stoch = 8, Classes = classes, Hidden = 48, Units = 48, VectorUnits = 48, KlScale = 0.01, ModelOptimiser = fast };
        using var agent = new DreamerV2Agent(options, spec, CPU, seed: 1);
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
    public void TheEnsembleLearnsWhatComesNextAndAgreesOnIt()
    {
        using var scope = NewDisposeScope();
        const int rows = 48;
        var ensemble = new Ensemble(features: 4, actions: 1, stoch: 2, units: 24, count: 3, Activation.Elu);
        using var set = new TrainedSet(ensemble.Set, new AdamOptions { LearningRate = 3e-3 }, CPU, float32, seed: 1);

        // Two steps of each row: the second state is what the first's recurrent part and the action say.
        var (deter, action) = (Tensors.Normal(1, 2 * rows, 2), Tensors.Normal(2, 2 * rows, 1));
        var stoch = cat([Tensors.Normal(3, rows, 2), (deter * action).narrow(0, 0, rows)], 0);
        // One row begins an episode there, with a state that nothing could tell.
        stoch.narrow(0, rows, 1).fill_(1000);
        var keep = ones(2, rows, 1);
        keep.narrow(0, 1, 1).narrow(1, 0, 1).zero_();
        var data = new ReplayedSteps
        {
            Rows = rows,
            Steps = 2,
            PreviousAction = action,
            Keep = keep,
            Reward = zeros(2 * rows),
            Terminal = zeros(2 * rows),
            HasFirst = [false, true],
        };
        var states = new LatentStates(deter, stoch, stoch);
        var losses = new List<double>();
        for (var update = 0; update < 400; update++)
        {
            using var inner = NewDisposeScope();
            var loss = ensemble.Loss(data, states);
            Assert.Equal([rows], loss.shape);
            loss.mean().backward();
            losses.Add(loss.mean().item<float>());
            set.Optimiser.Step();
        }

        Assert.InRange(losses[^1], 0, 0.1 * losses[0]);
        Tensor Seen(double scale) => ensemble.Disagreement((stack([states.Feature, states.Feature]) * scale).narrow(1, 1, rows - 1), (action * scale).unsqueeze(0).narrow(1, 1, rows - 1)).select(0, 1);
        var (known, unknown) = (Seen(1).mean().item<float>(), Seen(4).mean().item<float>());
        Assert.True(known < 0.2 * unknown, $"{known} where it was trained, {unknown} elsewhere");
    }

    [Fact]
    public void SavingAndResumingGoesOnBitForBit()
    {
        const int N = 3;
        var directory = Directory.CreateTempSubdirectory("resume").FullName;
        try
        {
            var store = new CheckpointStore(directory);
            var options = Debug with { SlowValueUpdates = 2, Plan2Explore = Exploring };
            using var straight = new DreamerV2Agent(options, Batches.Everything, CPU, seed: 3);
            using var resumed = new DreamerV2Agent(options, Batches.Everything, CPU, seed: 99);
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

    [Theory]
    [InlineData(ActorGradient.Reinforce)]
    [InlineData(ActorGradient.Both)]
    public void NothingLeaksOver100Updates(ActorGradient gradient)
    {
        using var agent = new DreamerV2Agent(Debug with { ActorGradient = gradient, Plan2Explore = Exploring }, Batches.Vector, CPU, seed: 1);
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
        using var agent = new DreamerV2Agent(Debug, Batches.Vector, CPU, seed: 1);
        var policy = PolicyFactory.Create(agent.ExportPolicy(0), slots: 2, seed: 1);
        Assert.Equal("random", policy.Agent);
        agent.Train(Batches.Random(agent, Batches.Vector, 1), metrics: false);
        Assert.Equal("dreamer_v2", PolicyFactory.Renew(policy, agent.ExportPolicy(1), seed: 1).Agent);
    }

    [Fact]
    public void ThePictureComparesTruthAndPrediction()
    {
        using var agent = new DreamerV2Agent(Debug, Batches.Everything, CPU, seed: 1);
        var report = agent.Report(Batches.Random(agent, Batches.Everything, 1));
        var picture = Assert.Single(report, picture => picture.Frames == 1);
        Assert.Equal(("openloop/image", 4 * 3 * 64, 8 * 64, 3), (picture.Name, picture.Height, picture.Width, picture.Channels));
        var dream = Assert.Single(report, picture => picture.Name == "dream/image");
        Assert.Equal((6, 64, 4 * 64, 3), (dream.Frames, dream.Height, dream.Width, dream.Channels));
    }

    [Fact]
    public void OptionsThatCannotWorkNameTheSetting()
    {
        static string Message(DreamerV2Options options) => Assert.Throws<ArgumentException>(options.Validate).Message;
        Assert.Contains("classes", Message(Debug with { Classes = 1 }), StringComparison.Ordinal);
        Assert.Contains("imagination_horizon", Message(Debug with { ImaginationHorizon = 1 }), StringComparison.Ordinal);
        Assert.Contains("kl_balance", Message(Debug with { KlBalance = 2 }), StringComparison.Ordinal);
        Assert.Contains("plan2_explore.models", Message(Debug with { Plan2Explore = new() { Models = 1 } }), StringComparison.Ordinal);
        Assert.Contains("value_optimiser.learning_rate", Message(Debug with { ValueOptimiser = new() { LearningRate = 0 } }), StringComparison.Ordinal);
    }

    // Losses of one batch with one draw of random numbers, and their gradient.
    private static (Func<IReadOnlyDictionary<string, double>> Measure, Action Backward) Measuring(DreamerV2Agent agent, DreamerV2Options options, EnvironmentSpec spec)
    {
        var data = ReplayedSteps.Load(
            Batches.Random(agent, spec, 1), Schema.For(spec, []), agent.Model.Layout, options.BatchSize, options.BatchLength, CPU, ScalarType.Float64);
        (Tensor Total, LossBook Book) Losses()
        {
            agent.Reseed(7);
            var book = new LossBook(metrics: true);
            return (agent.Losses(data, book), book);
        }

        return (() => Losses().Book.Read()!, () => Losses().Total.backward());
    }

    private static Dictionary<string, Tensor> Parameters(DreamerV2Model model) =>
        new[] { model.World, model.Task.ValueSet, model.Task.ActorSet }.SelectMany(set => set.Parameters).ToDictionary(parameter => parameter.Name, parameter => parameter.Value);

    private static void Agrees(string name, Tensor parameter, Func<IReadOnlyDictionary<string, double>> measure, Func<IReadOnlyDictionary<string, double>, double> loss)
    {
        var gradient = parameter.grad!.view(-1).data<double>().ToArray();
        for (var i = 0; i < Math.Min(4, gradient.Length); i++)
        {
            double At(double step)
            {
                using (no_grad())
                {
                    parameter.view(-1).narrow(0, i, 1).add_(step);
                }

                return loss(measure());
            }

            var slope = (At(1e-5) - At(-2e-5)) / 2e-5;
            At(1e-5);
            Assert.True(Math.Abs(slope - gradient[i]) < 1e-6 * Math.Max(1, Math.Abs(slope)), $"{name}[{i}]: {gradient[i]} by backward, {slope} by differences");
        }

        Assert.True(gradient.Any(slope => Math.Abs(slope) > 1e-6), $"{name} has no gradient");
    }

    private static EnvironmentSpec Spec(string space) => space switch
    {
        "vector" => Batches.Vector,
        "image" => Batches.Image,
        _ => Batches.Everything,
    };
}
