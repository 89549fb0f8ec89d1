using Dreamer.Agents.Checkpoints;
using Dreamer.Agents.Distributions;
using Dreamer.Agents.Optimisers;
using Dreamer.Agents.Tests.Support;
using Dreamer.Agents.WorldModels;
using Dreamer.Experience;
using Dreamer.Policies;
using Dreamer.Policies.WorldModels;
using Dreamer.Spaces;
using TorchSharp;
using static TorchSharp.torch;

namespace Dreamer.Agents.Tests;

public sealed class WorldModelsAgentTests
{
    internal static readonly WorldModelsOptions Debug = new()
    {
        BatchSize = 3,
        BatchLength = 6,
        Latent = 4,
        Depth = 2,
        Units = 7,
        Mixtures = 3,
        VisionUpdates = 2,
        VisionBatch = 9,
        MemoryUpdates = 2,
        Controller = new() { Population = 6, Rollouts = 2, DreamSteps = 30, DreamStarts = 5 },
    };

    internal static readonly WorldModelsOptions Doom = Debug with
    {
        PredictEnd = true,
        Controller = Debug.Controller with { Dream = true, CellState = true, Bias = false },
    };

    internal static readonly EnvironmentSpec Car = Vision(new ActionSpec(ActionKind.Continuous, 3));
    internal static readonly EnvironmentSpec TakeCover = Vision(new ActionSpec(ActionKind.Discrete, 3));

    [Fact]
    public void ThePartsHaveThePublishedSizes()
    {
        Assert.Equal(
            [new("vision", 4_348_547), new("memory", 422_368), new("controller", 867)],
            WorldModelsAgent.Describe(new WorldModelsOptions(), Car));
        var doom = new WorldModelsOptions { Latent = 64, Units = 512, PredictEnd = true, Controller = new() { CellState = true, Bias = false, Dream = true } };
        Assert.Equal(
            [new("vision", 4_446_915), new("memory", 1_678_785), new("controller", 1_088)],
            WorldModelsAgent.Describe(doom, TakeCover));
    }

    /// <summary>Specification, section 9.</summary>
    [Fact]
    public void TheMixtureHasTheReferenceLikelihood()
    {
        using var scope = NewDisposeScope();
        var mixture = NormalMixture.FromRaw(tensor(new[] { 0, 1, -0.5, 0.4, -0.2, 0.1 }));
        Assert.Equal(-1.066765003, mixture.LogProbability(tensor(0.3)).item<double>(), 1e-9);
    }

    [Fact]
    public void SamplesOfTheMixtureHaveItsMoments()
    {
        using var scope = NewDisposeScope();
        const int Count = 200_000;
        using var generator = new Generator(3, CPU);
        var mixture = NormalMixture.FromRaw(tensor(new[] { 0, Math.Log(3), -1, 2, Math.Log(0.5), Math.Log(0.25) }).expand(Count, 6));
        Tensor Draw(double temperature) => mixture.Sample(
            empty([Count], float64).uniform_(0, 1, generator), empty([Count], float64).normal_(0, 1, generator), temperature);

        // Weights 1/4 and 3/4 at temperature 1; at 2 they are 1/(1+sqrt 3) and its rest, and variances double.
        Assert.Equal(1.25, Draw(1).mean().item<double>(), 0.02);
        Assert.Equal(0.25 * 0.25 + 0.75 * 0.0625 + 0.25 * 0.75 * 9, Draw(1).var().item<double>(), 0.03);
        Assert.Equal((-1 + 2 * Math.Sqrt(3)) / (1 + Math.Sqrt(3)), Draw(2).mean().item<double>(), 0.02);
    }

    [Fact]
    public void EveryStageLearnsInItsTurn()
    {
        using var agent = new WorldModelsAgent(Debug, Car, CPU, seed: 1);
        var policy = PolicyFactory.Create(agent.ExportPolicy(0), slots: 2, seed: 1);
        string[][] expected = [["image", "kl"], ["image", "kl"], ["memory"], ["memory"], []];
        foreach (var (losses, update) in expected.Select((losses, update) => (losses, update)))
        {
            Assert.Equal(losses.Length > 0 ? RandomNetworkPolicy.Kind : WorldModelsFormat.Agent, policy.Agent);
            var metrics = agent.Train(Batches.Random(agent, Car, update), metrics: true).Metrics!;
            Assert.All(metrics, metric => Assert.True(double.IsFinite(metric.Value), metric.Key));
            Assert.Equal(losses, metrics.Keys.Where(key => key.StartsWith("train/loss/", StringComparison.Ordinal)).Select(key => key["train/loss/".Length..]).Order());
            policy = PolicyFactory.Renew(policy, agent.ExportPolicy(update + 1), seed: 1);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void LossesHaveTheRightGradient(bool doom)
    {
        using var scope = NewDisposeScope();
        var (options, spec) = doom ? (Doom with { CrossEntropy = true }, TakeCover) : (Debug, Car);
        using var agent = new WorldModelsAgent(options, spec, CPU, seed: 1, ScalarType.Float64);
        var data = ReplayedSteps.Load(
            Batches.Random(agent, spec, 1), Schema.For(spec, []), new Nets.ObservationLayout(spec), options.BatchSize, options.BatchLength, CPU, ScalarType.Float64);
        var frames = WorldModels.Vision.See(data.Images!).narrow(0, 0, 4);
        Check(agent.Vision.Parameters, ["enc/conv1/weight", "enc/log_variance/weight", "dec/root/bias", "dec/conv3/weight"], () => agent.VisionLoss(frames, new LossBook(metrics: false)));

        (Tensor, Tensor) moments;
        using (no_grad())
        {
            moments = agent.Vision.Encode(WorldModels.Vision.See(data.Images!));
        }

        Check(agent.Memory.Parameters, ["rnn/lstm/weight", "rnn/lstm/bias", "rnn/out/weight"], () => agent.MemoryLoss(data, moments, new LossBook(metrics: false)));

        void Check(Nets.ParameterSet set, string[] names, Func<Tensor> loss)
        {
            double Measure(bool backward)
            {
                agent.Reseed(7);
                var total = loss();
                if (backward)
                {
                    total.backward();
                }

                return total.item<double>();
            }

            Measure(backward: true);
            foreach (var name in names)
            {
                var parameter = set.Parameters.Single(one => one.Name == name).Value;
                var gradient = parameter.grad!.view(-1).data<double>().ToArray();
                for (var i = 0; i < gradient.Length; i += Math.Max(1, gradient.Length / 4))
                {
                    double At(double step)
                    {
                        using (no_grad())
                        {
                            parameter.view(-1).narrow(0, i, 1).add_(step);
                        }

                        return Measure(backward: false);
                    }

                    var slope = (At(1e-5) - At(-2e-5)) / 2e-5;
                    At(1e-5);
                    Assert.True(Math.Abs(slope - gradient[i]) < 1e-5 * Math.Max(1, Math.Abs(slope)), $"{name}[{i}]: {gradient[i]} by backward, {slope} by differences");
                }
            }
        }
    }

    [Fact]
    public void OneBatchIsOverfitted()
    {
        var fast = new AdamOptions { LearningRate = 3e-3 };
        var options = Doom with { Latent = 16, Depth = 8, Units = 48, VisionUpdates = 150, MemoryUpdates = 150, VisionBatch = 18, KlFloor = 4, VisionOptimiser = fast, MemoryOptimiser = fast };
        using var agent = new WorldModelsAgent(options, TakeCover, CPU, seed: 1);
        var batch = Batches.Random(agent, TakeCover, 1);
        Smooth(batch["image"]);
        IReadOnlyDictionary<string, double> Stage(int updates)
        {
            var first = agent.Train(batch, metrics: true).Metrics!;
            for (var update = 2; update < updates; update++)
            {
                agent.Train(batch, metrics: false);
            }

            var last = agent.Train(batch, metrics: true).Metrics!;
            return last.ToDictionary(metric => metric.Key, metric => metric.Value - (metric.Key == "train/loss/image" ? 0.3 * first[metric.Key] : first[metric.Key]));
        }

        var vision = Stage(options.VisionUpdates)["train/loss/image"];
        Assert.True(vision < 0, $"V: {vision} above 0.3 of the first loss");
        var memory = Stage(options.MemoryUpdates)["train/loss/memory"];
        Assert.True(memory < -0.5, $"M: {memory} nats of the first loss");
    }

    /// <summary>A few marks on plain white: the squared error closes the sigmoid and stalls, the cross-entropy tells the pictures apart.</summary>
    [Fact]
    public void MarksOnPlainWhiteAreSeenWithTheCrossEntropy()
    {
        var options = Debug with { Latent = 8, Depth = 4, VisionUpdates = 40, KlFloor = 0.1, CrossEntropy = true, VisionOptimiser = new AdamOptions { LearningRate = 3e-3 } };
        using var agent = new WorldModelsAgent(options, Car, CPU, seed: 1);
        var batch = Batches.Random(agent, Car, 1);
        var pixels = batch["image"];
        Array.Fill(pixels, (byte)255);
        var frames = pixels.Length / (64 * 64 * 3);
        for (var frame = 0; frame < frames; frame++)
        {
            // A black bar at one of two places.
            Array.Clear(pixels, frame * 64 * 64 * 3 + (frame % 2 == 0 ? 8 : 48) * 64 * 3, 4 * 64 * 3);
        }

        for (var update = 0; update < options.VisionUpdates; update++)
        {
            agent.Train(batch, metrics: false);
        }

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var seen = WorldModels.Vision.See(tensor(pixels[..(2 * 64 * 64 * 3)].Select(value => (float)value).ToArray()).view(2, 64, 64, 3));
        var drawn = agent.Vision.Decode(agent.Vision.Encode(seen).Mean);
        Assert.True((drawn - seen).square().sum().item<float>() < 0.25 * seen.square().sum().item<float>(), "the bars are not drawn where they are");
    }

    [Fact]
    public void VisionMayLearnForEver()
    {
        using var agent = new WorldModelsAgent(Debug with { VisionUpdates = int.MaxValue }, Car, CPU, seed: 1);
        Assert.Contains("train/loss/image", agent.Train(Batches.Random(agent, Car, 1), metrics: true).Metrics!.Keys);
    }

    /// <summary>Candidates that choose the third action live forever, by a model that is made to say so; the search must find them.</summary>
    [Fact]
    public void TheSearchLearnsInTheDream()
    {
        var options = Doom with { VisionUpdates = 1, MemoryUpdates = 1, Controller = Doom.Controller with { Population = 16, Rollouts = 4, DreamSteps = 40 } };
        using var agent = new WorldModelsAgent(options, TakeCover, CPU, seed: 1);
        var batch = Batches.Random(agent, TakeCover, 1);
        agent.Train(batch, metrics: false);
        agent.Train(batch, metrics: false);
        Deadly(agent.Memory, options);
        var first = agent.Train(batch, metrics: true).Metrics!["train/controller/mean"];
        for (var generation = 0; generation < 30; generation++)
        {
            agent.Train(batch, metrics: false);
        }

        var last = agent.Train(batch, metrics: true).Metrics!["train/controller/mean"];
        Assert.True(first < 30 && last > 38, $"{first} -> {last} of 40 steps");
    }

    [Fact]
    public void AGenerationIsOverWhenActorsHavePlayedEveryCandidate()
    {
        using var agent = new WorldModelsAgent(Debug with { VisionUpdates = 1, MemoryUpdates = 1 }, Car, CPU, seed: 1);
        var batch = Batches.Random(agent, Car, 1);
        agent.Train(batch, metrics: false);
        agent.Train(batch, metrics: false);
        FinishedEpisode Played(int candidate, long generation, double value) => new(
            1, value, 10, [new(WorldModelsPolicy.CandidateFact, candidate), new(WorldModelsPolicy.GenerationFact, generation)]);

        var candidates = agent.Search.Ask();
        for (var rollout = 0; rollout < 2; rollout++)
        {
            agent.Train(batch, metrics: false);
            Assert.Equal(0, agent.Search.Generation);
            // Candidate 4 is the best; what other generations or other policies did does not count.
            agent.Hear([.. Enumerable.Range(0, 6).Select(i => Played(i, 0, i == 4 ? 10 : 0)), Played(1, 7, 1000), Played(6, 0, 1000), new FinishedEpisode(1, 1000, 10)]);
        }

        var metrics = agent.Train(batch, metrics: true).Metrics!;
        Assert.Equal((1, 10.0, 10.0 / 6), (agent.Search.Generation, metrics["train/controller/best"], metrics["train/controller/mean"]));
        double Distance(double[] candidate) => candidate.Zip(agent.Search.Mean, (a, b) => (a - b) * (a - b)).Sum();
        Assert.Equal(4, Enumerable.Range(0, 6).MinBy(i => Distance(candidates[i])));
        agent.Train(batch, metrics: false);
        Assert.Equal(1, agent.Search.Generation);
    }

    [Fact]
    public void TheBestMeanByEvaluationIsWhatActs()
    {
        var options = Debug with { VisionUpdates = 1, MemoryUpdates = 1, Controller = Debug.Controller with { EvaluateEvery = 1, Rollouts = 1 } };
        using var agent = new WorldModelsAgent(options, Car, CPU, seed: 1);
        var batch = Batches.Random(agent, Car, 1);
        agent.Train(batch, metrics: false);
        agent.Train(batch, metrics: false);
        FinishedEpisode Played(int candidate, string round, double value) => new(
            1, value, 10, [new(WorldModelsPolicy.CandidateFact, candidate), new(round, agent.Search.Generation)]);
        IReadOnlyDictionary<string, double> Round(string fact, double best)
        {
            agent.Hear([.. Enumerable.Range(0, 6).Select(i => Played(i, fact, i == 4 ? best : 0))]);
            return agent.Train(batch, metrics: true).Metrics!;
        }

        double[] acting = [];
        double[] expected = [6.0 / 6, 30.0 / 6, 30.0 / 6];
        foreach (var (generation, score) in expected.Index())
        {
            Round(WorldModelsPolicy.GenerationFact, 10);
            Assert.Equal(generation + 1, agent.Search.Generation);

            // Episodes of the generation that are late do not count for the mean.
            Round(WorldModelsPolicy.GenerationFact, 1000);
            Assert.Equal(WorldModelsPolicy.EvaluationFact, Fact(agent.ExportPolicy(1)));
            var metrics = Round(WorldModelsPolicy.EvaluationFact, generation == 0 ? 6 : generation == 1 ? 30 : 12);
            Assert.Equal(score, metrics["train/controller/champion"], 6);
            Assert.Equal(WorldModelsPolicy.GenerationFact, Fact(agent.ExportPolicy(1)));
            var mean = agent.Search.Mean.Select(value => Math.Round(value, 4)).ToArray();
            acting = generation < 2 ? mean : acting;
            var weights = WorldModelsFormat.Policy.Open(agent.ExportPolicy(1))[WorldModelsFormat.Controllers].ToArray();
            var half = mean.Length * 7;
            Assert.All(acting.Index(), pair => Assert.Equal(
                pair.Item, Upper(weights[pair.Index]) + Upper(weights[half + pair.Index]), 1e-4 * Math.Max(1, Math.Abs(pair.Item))));
        }

        static float Upper(ushort half) => BitConverter.UInt32BitsToSingle((uint)half << 16);
        string Fact(PolicyBlob blob)
        {
            var policy = PolicyFactory.Create(blob, slots: 1, seed: 7);
            policy.Act([0], [new TimeStep(Car) { IsFirst = true, IsLast = true }], new float[3]);
            return policy.Facts(0).Single(fact => fact.Name != WorldModelsPolicy.CandidateFact).Name;
        }
    }

    [Fact]
    public void TheDreamEvaluatesTheMeanAsWell()
    {
        var options = Doom with { VisionUpdates = 1, MemoryUpdates = 1, Controller = Doom.Controller with { EvaluateEvery = 2 } };
        using var agent = new WorldModelsAgent(options, TakeCover, CPU, seed: 1);
        var batch = Batches.Random(agent, TakeCover, 1);
        var seen = Enumerable.Range(0, 6).Select(update => agent.Train(batch, metrics: true).Metrics!).ToArray();
        double[] generations = [1, 2, 2, 3];
        Assert.Equal(generations, seen[2..].Select(metrics => metrics["train/controller/generation"]));
        Assert.Equal([false, false, true, true], seen[2..].Select(metrics => metrics.ContainsKey("train/controller/champion")));
    }

    [Fact]
    public void TheLearningRateOfMFallsToItsFloor()
    {
        double[] After(WorldModelsOptions options, int updates)
        {
            using var agent = new WorldModelsAgent(options with { VisionUpdates = 1, MemoryUpdates = 9 }, Car, CPU, seed: 1);
            var batch = Batches.Random(agent, Car, 1);
            for (var update = 0; update < 1 + updates; update++)
            {
                agent.Train(batch, metrics: false);
            }

            return agent.Memory.Parameters.Flat.to(float64).data<double>().ToArray();
        }

        var still = Debug with { MemoryLeastRate = 0 };
        var falling = still with { MemoryDecay = 0.5 };
        Assert.Equal(After(still, 1), After(falling, 1));
        var (one, two, slow) = (After(still, 1), After(still, 2), After(falling, 2));
        Assert.All(Enumerable.Range(0, one.Length), i => Assert.Equal((two[i] - one[i]) / 2, slow[i] - one[i], 1e-7));
        Assert.Equal(two, After(falling with { MemoryLeastRate = 1e-3 }, 2));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public void SavingAndResumingGoesOnBitForBitFromAnyStage(int updates)
    {
        var directory = Directory.CreateTempSubdirectory("resume").FullName;
        try
        {
            var store = new CheckpointStore(directory);
            using var straight = new WorldModelsAgent(Doom, TakeCover, CPU, seed: 3);
            using var resumed = new WorldModelsAgent(Doom, TakeCover, CPU, seed: 99);
            var batches = Enumerable.Range(0, updates + 5).Select(i => Batches.Random(straight, TakeCover, i)).ToArray();
            Array.ForEach(batches[..updates], batch => straight.Train(batch, metrics: false));
            store.Save(straight.Updates, straight.Save);
            using (var reader = store.OpenNewest(Assert.Fail)!)
            {
                resumed.Load(reader);
            }

            Assert.Equal(updates, resumed.Updates);
            foreach (var batch in batches[updates..])
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
    [InlineData(true)]
    [InlineData(false)]
    public void NothingLeaks(bool doom)
    {
        var (options, spec) = doom ? (Doom, TakeCover) : (Debug, Car);
        using var agent = new WorldModelsAgent(options with { VisionUpdates = 10, MemoryUpdates = 10 }, spec, CPU, seed: 1);
        var batch = Batches.Random(agent, spec, 1);
        agent.Train(batch, metrics: true);
        var alive = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (var n = 0; n < 30; n++)
        {
            agent.Train(batch, metrics: n % 5 == 0);
            agent.ExportPolicy(n);
        }

        Assert.Equal(alive, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void ThePictureComparesTruthAndPrediction()
    {
        using var agent = new WorldModelsAgent(Doom, TakeCover, CPU, seed: 1);
        var report = agent.Report(Batches.Random(agent, TakeCover, 1));
        var picture = Assert.Single(report, picture => picture.Frames == 1);
        Assert.Equal(("openloop/image", 3 * 3 * 64, 6 * 64, 3), (picture.Name, picture.Height, picture.Width, picture.Channels));
        var dream = Assert.Single(report, picture => picture.Name == "dream/image");
        Assert.Equal((64, 64, 3 * 64, 3), (dream.Frames, dream.Height, dream.Width, dream.Channels));
    }

    [Fact]
    public void TasksWithoutImagesAreRefusedWithTheRemedy()
    {
        Assert.Contains("env.observation", WorldModelsAgent.Objection(Debug, Batches.Vector), StringComparison.Ordinal);
        Assert.Null(WorldModelsAgent.Objection(Debug, Car));
        Assert.Contains("predict_end", Assert.Throws<ArgumentException>((Doom with { PredictEnd = false }).Validate).Message, StringComparison.Ordinal);
    }

    private static EnvironmentSpec Vision(ActionSpec action) => new(action, new TensorSpec("image", DType.UInt8, 64, 64, 3));

    // White noise has nothing to compress: 16 pixels in a row alike.
    private static void Smooth(byte[] pixels)
    {
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = pixels[i / 6144 * 6144];
        }
    }

    // The output gate opens and the candidate follows the action: the end's logit falls with the third action and rises with the first.
    private static void Deadly(Memory memory, WorldModelsOptions options)
    {
        using var noGrad = no_grad();
        var (units, told) = (options.Units, options.Latent);
        Tensor Named(string name) => memory.Parameters.Parameters.Single(one => one.Name == name).Value;
        Named("rnn/lstm/weight").zero_();
        Named("rnn/lstm/bias").zero_().narrow(0, 3 * units, units).fill_(5);
        Named("rnn/lstm/weight").narrow(0, units, units).narrow(1, told, 1).fill_(1);
        Named("rnn/lstm/bias").narrow(0, 2 * units, units).fill_(-8);
        Named("rnn/out/weight").zero_().narrow(0, 0, 1).fill_(-5);
    }
}
