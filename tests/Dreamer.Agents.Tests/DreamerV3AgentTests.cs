using Dreamer.Agents.Checkpoints;
using Dreamer.Agents.DreamerV3;
using Dreamer.Agents.Optimisers;
using Dreamer.Agents.Tests.Support;
using Dreamer.Experience;
using Dreamer.Spaces;
using TorchSharp;
using static TorchSharp.torch;

namespace Dreamer.Agents.Tests;

public sealed class DreamerV3AgentTests
{
    private static readonly DreamerV3Options Debug = Sizes.Debug;

    public static TheoryData<string> Spaces => ["vector", "image", "everything"];

    [Theory]
    [MemberData(nameof(Spaces))]
    public void AnUpdateReportsEveryLossAndTheFreshState(string space)
    {
        var spec = Spec(space);
        using var agent = new DreamerV3Agent(Debug, spec, CPU, seed: 1);
        var result = agent.Train(Batches.Random(agent, spec, 1), metrics: true);
        Assert.Equal(1, agent.Updates);
        Assert.All(result.Metrics!, metric => Assert.True(double.IsFinite(metric.Value), metric.Key));
        foreach (var name in spec.Observations.Select(tensor => tensor.Key).Concat(["rew", "con", "dyn", "rep", "policy", "value", "repval"]))
        {
            Assert.Contains($"train/loss/{name}", result.Metrics!.Keys);
        }

        // Zero-initialised heads start at the entropy of five bins.
        Assert.Equal(Math.Log(5), result.Metrics!["train/loss/rew"], 5);
        Assert.Equal(Debug.BatchSize * Debug.BatchLength * Debug.Deter * 2, result.State[0].Length);
        Assert.Equal(Debug.BatchSize * Debug.BatchLength * Debug.Stoch, result.State[1].Length);
        Assert.All(result.State[1], index => Assert.InRange(index, 0, Debug.Classes - 1));
        Assert.Null(agent.Train(Batches.Random(agent, spec, 2), metrics: false).Metrics);
    }

    [Theory]
    [MemberData(nameof(Spaces))]
    public void AStepsPriorityIsItsOwnShareOfTheModelsLoss(string space)
    {
        var spec = Spec(space);
        using var agent = new DreamerV3Agent(Debug, spec, CPU, seed: 1);
        var result = agent.Train(Batches.Random(agent, spec, 1), metrics: true);
        var loss = spec.Observations.Select(tensor => result.Metrics![$"train/loss/{tensor.Key}"]).Sum()
            + result.Metrics!["train/loss/rew"] + result.Metrics["train/loss/con"] + result.Metrics["train/loss/dyn"] + (0.1 * result.Metrics["train/loss/rep"]);

        Assert.Equal(Debug.BatchSize * Debug.BatchLength, result.Priorities!.Length);
        Assert.All(result.Priorities, priority => Assert.True(priority >= 0));
        Assert.Equal(1, result.Priorities.Average() / loss, 4);
        Assert.True(result.Priorities.Max() > result.Priorities.Min());
    }

    [Fact]
    public void OneBatchIsOverfitted()
    {
        var spec = Batches.Vector;
        var options = Debug with
        {
            Deter = 32,
            Hidden = 16,
            Units = 32,
            Stoch = 4,
            Bins = 41,
            Optimiser = new LaPropOptions { LearningRate = 3e-3, WarmupUpdates = 20 },
        };
        using var agent = new DreamerV3Agent(options, spec, CPU, seed: 1);
        var batch = Batches.Random(agent, spec, 1);
        var first = agent.Train(batch, metrics: true).Metrics!;
        for (var update = 0; update < 250; update++)
        {
            agent.Train(batch, metrics: false);
        }

        var last = agent.Train(batch, metrics: true).Metrics!;
        Assert.True(last["train/loss/vector"] < 0.5 * first["train/loss/vector"], $"{first["train/loss/vector"]} -> {last["train/loss/vector"]}");
        Assert.True(last["train/loss/rew"] < 0.5 * first["train/loss/rew"], $"{first["train/loss/rew"]} -> {last["train/loss/rew"]}");
        Assert.True(last["train/loss/con"] < 0.5 * first["train/loss/con"], $"{first["train/loss/con"]} -> {last["train/loss/con"]}");
    }

    [Fact]
    public void NothingLeaksOver200Updates()
    {
        var spec = Batches.Vector;
        using var agent = new DreamerV3Agent(Debug, spec, CPU, seed: 1);
        var batch = Batches.Random(agent, spec, 1);
        void Update(int n)
        {
            agent.Train(batch, metrics: n % 10 == 0);
            if (n % 20 == 0)
            {
                agent.ExportPolicy(n);
                agent.Report(batch);
            }
        }

        Update(0);
        var alive = Alive();
        for (var n = 1; n <= 200; n++)
        {
            Update(n);
        }

        Assert.Equal(alive, Alive());
    }

    [Theory]
    [InlineData("vector")]
    [InlineData("everything")]
    public void SavingAndResumingGoesOnBitForBit(string space)
    {
        const int N = 4;
        var spec = Spec(space);
        var directory = Directory.CreateTempSubdirectory("resume").FullName;
        try
        {
            var store = new CheckpointStore(directory);
            using var straight = new DreamerV3Agent(Debug with { Optimiser = new LaPropOptions { WarmupUpdates = 0 } }, spec, CPU, seed: 3);
            using var resumed = new DreamerV3Agent(Debug with { Optimiser = new LaPropOptions { WarmupUpdates = 0 } }, spec, CPU, seed: 99);
            var batches = Enumerable.Range(0, 2 * N).Select(i => Batches.Random(straight, spec, i)).ToArray();
            foreach (var batch in batches[..N])
            {
                straight.Train(batch, metrics: false);
            }

            store.Save(straight.Updates, straight.Save);
            using (var reader = store.OpenNewest(Assert.Fail)!)
            {
                resumed.Load(reader);
            }

            Assert.Equal(N, resumed.Updates);
            foreach (var batch in batches[N..])
            {
                var (a, b) = (straight.Train(batch, metrics: true), resumed.Train(batch, metrics: true));
                Assert.Equal(a.Metrics, b.Metrics);
                Assert.Equal(a.State[0], b.State[0]);
            }

            Assert.Equal(straight.ExportPolicy(1).Weights.ToArray(), resumed.ExportPolicy(1).Weights.ToArray());
            Assert.Equal(Bytes(straight), Bytes(resumed));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public void ACheckpointOfAnotherShapeChangesNothing()
    {
        var directory = Directory.CreateTempSubdirectory("mismatch").FullName;
        try
        {
            var store = new CheckpointStore(directory);
            using (var other = new DreamerV3Agent(Debug with { Hidden = 5 }, Batches.Vector, CPU, seed: 1))
            {
                store.Save(0, other.Save);
            }

            using var agent = new DreamerV3Agent(Debug, Batches.Vector, CPU, seed: 2);
            var before = Bytes(agent);
            using var reader = store.OpenNewest(Assert.Fail)!;
            var error = Assert.Throws<CheckpointMismatchException>(() => agent.Load(reader));
            Assert.Contains("param/dyn/deter/weight is F32 [5, 8]", error.Message, StringComparison.Ordinal);
            Assert.Equal(before, Bytes(agent));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public void TheContextStepOnlyGivesStateAndAction()
    {
        var spec = Batches.Vector;
        using var agent = new DreamerV3Agent(Debug, spec, CPU, seed: 1);
        byte[] Fresh(Action<Batch> change)
        {
            using var twin = new DreamerV3Agent(Debug, spec, CPU, seed: 1);
            var batch = Batches.Random(agent, spec, 1);
            change(batch);
            return twin.Train(batch, metrics: false).State[0];
        }

        var plain = Fresh(_ => { });
        Assert.Equal(plain, Fresh(batch => batch[Schema.IsFirst][0] = 0));
        Assert.Equal(plain, Fresh(batch => batch["vector"].AsSpan(0, 20).Clear()));
        Assert.NotEqual(plain, Fresh(batch => batch.State[0].AsSpan(0, 16).Clear()));
        Assert.NotEqual(plain, Fresh(batch => batch[Schema.Action].AsSpan(0, 12).Clear()));
    }

    [Fact]
    public void AnEpisodeStartForgetsStateAndAction()
    {
        var spec = Batches.Vector;
        using var agent = new DreamerV3Agent(Debug, spec, CPU, seed: 1);
        byte[] Fresh(Action<Batch> change)
        {
            using var twin = new DreamerV3Agent(Debug, spec, CPU, seed: 1);
            var batch = Batches.Random(agent, spec, 1);
            batch[Schema.IsFirst][1] = 1; // the first trained step of row 0
            change(batch);
            return twin.Train(batch, metrics: false).State[0];
        }

        var plain = Fresh(_ => { });
        Assert.Equal(plain, Fresh(batch => batch.State[0].AsSpan(0, 16).Clear()));
        Assert.Equal(plain, Fresh(batch => batch[Schema.Action].AsSpan(0, 12).Clear()));
    }

    [Fact]
    public void ABatchOfOtherSizesOrSpacesIsRefused()
    {
        using var agent = new DreamerV3Agent(Debug, Batches.Vector, CPU, seed: 1);
        using var longer = new DreamerV3Agent(Debug with { BatchLength = 12 }, Batches.Vector, CPU, seed: 1);
        using var other = new DreamerV3Agent(Debug, Batches.Image, CPU, seed: 1);
        Assert.Contains("batch_length", Assert.Throws<ArgumentException>(() => agent.Train(Batches.Random(longer, Batches.Vector, 1), false)).Message, StringComparison.Ordinal);
        Assert.Contains("vector", Assert.Throws<ArgumentException>(() => agent.Train(Batches.Random(other, Batches.Image, 1), false)).Message, StringComparison.Ordinal);
        Assert.Equal(0, agent.Updates);
    }

    [Fact]
    public void ShorterStartsDreamOfTheEndsOfTheWindowsOnly()
    {
        using var agent = new DreamerV3Agent(Debug with { ImaginedStarts = 3 }, Batches.Vector, CPU, seed: 1);
        var metrics = agent.Train(Batches.Random(agent, Batches.Vector, 1), metrics: true).Metrics!;
        Assert.All(metrics, metric => Assert.True(double.IsFinite(metric.Value), metric.Key));
    }

    [Fact]
    public void TheSlowValueFollows()
    {
        using var scope = NewDisposeScope();
        using var agent = new DreamerV3Agent(Debug with { Optimiser = new LaPropOptions { WarmupUpdates = 0, LearningRate = 0.1 } }, Batches.Vector, CPU, seed: 1);
        Tensor Value() => agent.Model.Parameters.Segment(agent.Model.Parameters.Flat, "val").clone();
        var (slow, value) = (agent.Model.SlowParameters.Flat.clone(), Value());
        Tensors.Near(value, slow, 0);
        agent.Train(Batches.Random(agent, Batches.Vector, 1), metrics: false);
        Assert.NotEqual(0, (Value() - value).abs().max().item<float>());
        Tensors.Near(slow * 0.98 + Value() * 0.02, agent.Model.SlowParameters.Flat, 1e-6);
    }

    [Fact]
    public void ThePictureHasTruthModelAndErrorRows()
    {
        using var agent = new DreamerV3Agent(Debug, Batches.Everything, CPU, seed: 1);
        var batch = Batches.Random(agent, Batches.Everything, 1);
        var report = agent.Report(batch);
        var (picture, film) = (report[0], report[1]);
        Assert.Equal(3, report.Count);
        Assert.Equal(("openloop/image", 1, 4 * 3 * 64, 10 * 64, 3), (picture.Name, picture.Frames, picture.Height, picture.Width, picture.Channels));
        Assert.Equal(picture.Height * picture.Width * 3, picture.Pixels.Length);
        // The first tile is the first trained frame of the first window.
        for (var y = 0; y < 64; y++)
        {
            var truth = batch["image"].AsSpan(((1 * 64) + y) * 64 * 3, 64 * 3);
            Assert.Equal(truth.ToArray(), picture.Pixels.AsSpan(y * picture.Width * 3, 64 * 3).ToArray());
        }

        // The film's frames are the still's columns: its first frame begins with the same tile, its last with the still's last.
        Assert.Equal((10, 3 * 64, 4 * 64, 3), (film.Frames, film.Height, film.Width, film.Channels));
        var last = film.Pixels.AsSpan(9 * film.Height * film.Width * 3);
        for (var y = 0; y < 64; y++)
        {
            Assert.Equal(picture.Pixels.AsSpan(y * picture.Width * 3, 64 * 3), film.Pixels.AsSpan(y * film.Width * 3, 64 * 3));
            Assert.Equal(picture.Pixels.AsSpan(((y * picture.Width) + (9 * 64)) * 3, 64 * 3), last.Slice(y * film.Width * 3, 64 * 3));
        }

        // Dreams begin with the last replayed state and go on for the horizon, each by itself.
        var dream = report[2];
        Assert.Equal(("dream/image", Debug.ImaginationHorizon + 1, 64, 4 * 64, 3), (dream.Name, dream.Frames, dream.Height, dream.Width, dream.Channels));
        Assert.Equal(dream.Frames * dream.Height * dream.Width * 3, dream.Pixels.Length);
        Assert.True(dream.Pixels.Distinct().Count() > 10);
        Assert.NotEqual(dream.Pixels[..(64 * 3)], dream.Pixels[(64 * 3)..(2 * 64 * 3)]);

        using var blind = new DreamerV3Agent(Debug, Batches.Vector, CPU, seed: 1);
        Assert.Empty(blind.Report(Batches.Random(blind, Batches.Vector, 1)));
    }

    [Fact]
    public void TheFactoryKnowsItsAgentsAndDevices()
    {
        using var agent = AgentFactory.Create("dreamer_v3", (_, _) => Debug, Batches.Vector, "cpu", 1);
        Assert.Equal((8, 10, 1), (agent.BatchSize, agent.BatchLength, agent.Context));
        Assert.Equal(["deter:bfloat16:8", "stoch:uint8:2"], agent.RecordedState.Select(tensor => tensor.ToString()));
        Assert.Contains("dreamer_v3", Assert.Throws<ArgumentException>(() => AgentFactory.Create("dreamer_v9", (_, _) => Debug, Batches.Vector, "cpu", 1)).Message, StringComparison.Ordinal);
        Assert.Contains("cpu", Assert.Throws<ArgumentException>(() => AgentFactory.Create("dreamer_v3", (_, _) => Debug, Batches.Vector, "tpu", 1)).Message, StringComparison.Ordinal);
    }

    // Of this thread: other tests may run beside this one.
    private static long Alive() => DisposeScopeManager.Statistics.ThreadTotalLiveCount;

    private static EnvironmentSpec Spec(string space) => space switch
    {
        "vector" => Batches.Vector,
        "image" => Batches.Image,
        _ => Batches.Everything,
    };

    private static byte[] Bytes(DreamerV3Agent agent) =>
        [.. agent.Model.Parameters.Flat.bytes, .. agent.Model.SlowParameters.Flat.bytes];
}
