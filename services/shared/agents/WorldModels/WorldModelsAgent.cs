using System.Collections.Immutable;
using Dreamer.Agents.Checkpoints;
using Dreamer.Agents.Nets;
using Dreamer.Experience;
using Dreamer.Policies;
using Dreamer.Policies.WorldModels;
using Dreamer.Spaces;
using TorchSharp;
using static TorchSharp.torch;

namespace Dreamer.Agents.WorldModels;

/// <summary>
/// World Models (Ha and Schmidhuber, NeurIPS 2018): V sees, M predicts, C acts, each trained alone and in this order. Random networks
/// gather frames; then updates go to V, to M, and for the rest of the run to C: its candidates travel to the actors with the weights, and
/// their returns come back with the episodes, or the dream scores them. <see cref="Train"/> reads in that order; shapes as in <see cref="Memory"/>.
/// </summary>
public sealed class WorldModelsAgent : IAgent
{
    private const int DreamFrames = 64;

    private readonly WorldModelsOptions options;
    private readonly EnvironmentSpec spec;
    private readonly WorldModelsSizes sizes;
    private readonly Schema schema;
    private readonly ObservationLayout layout;
    private readonly Vision vision;
    private readonly Memory memory;
    private readonly TrainedSet visionSet;
    private readonly TrainedSet memorySet;
    private readonly CmaEs search;
    private readonly Trials trials;
    private readonly Champion champion = new();
    private readonly Dream dream;
    private readonly Tensor starts;
    private readonly Device device;
    private readonly ScalarType dtype;
    private readonly Generator noise;
    private long startCount;
    private double[] newest = [];
    private ulong seed;

    /// <param name="seed">Decides the initial weights, the candidates and all sampling: update n draws from generators seeded with (seed, n).</param>
    /// <param name="dtype">Element type of weights and arithmetic; float32 unless a test asks for more.</param>
    public WorldModelsAgent(WorldModelsOptions options, EnvironmentSpec spec, Device device, ulong seed, ScalarType dtype = ScalarType.Float32)
    {
        (this.options, this.spec, this.device, this.seed, this.dtype) = (options, spec, device, seed, dtype);
        options.Validate();
        (sizes, layout) = (SizesOf(options), new ObservationLayout(spec));
        (vision, memory) = (new Vision(layout, options), new Memory(options, sizes.MemoryInputs(spec.Action)));
        visionSet = new TrainedSet(vision.Parameters, options.VisionOptimiser, device, dtype, seed);
        memorySet = new TrainedSet(memory.Parameters, options.MemoryOptimiser, device, dtype, seed + 1);
        search = new CmaEs(sizes.ControllerParameters(spec.Action), options.Controller.Population, options.Controller.Sigma, seed);
        trials = new Trials(options.Controller.Population, options.Controller.Rollouts);
        dream = new Dream(memory, options, spec.Action);
        starts = zeros([options.Controller.DreamStarts, 2 * options.Latent], dtype, device).DetachFromDisposeScope();
        noise = new Generator(seed, device);
        schema = Schema.For(spec, RecordedState);
    }

    public int BatchSize => options.BatchSize;

    public int BatchLength => options.BatchLength;

    public int Context => ReplayedSteps.Context;

    /// <summary>None: every window begins with a blank state.</summary>
    public ImmutableArray<TensorSpec> RecordedState => [];

    public long Updates { get; private set; }

    public IReadOnlyDictionary<string, long> ParameterCounts => Describe(options, spec);

    internal Vision Vision => vision;

    internal Memory Memory => memory;

    internal CmaEs Search => search;

    private long SearchFrom => (long)options.VisionUpdates + options.MemoryUpdates;

    private bool Searching => Updates >= SearchFrom;

    /// <summary>Elements of V, M and C for any options and spaces; allocates nothing.</summary>
    public static IReadOnlyDictionary<string, long> Describe(WorldModelsOptions options, EnvironmentSpec spec)
    {
        var sizes = SizesOf(options);
        return new OrderedDictionary<string, long>
        {
            ["vision"] = new Vision(new ObservationLayout(spec), options).Parameters.Count,
            ["memory"] = new Memory(options, sizes.MemoryInputs(spec.Action)).Parameters.Count,
            ["controller"] = sizes.ControllerParameters(spec.Action),
        };
    }

    /// <summary>Why the agent cannot serve a task; null when it can.</summary>
    public static string? Objection(WorldModelsOptions options, EnvironmentSpec spec) => spec switch
    {
        _ when spec.Observations.Any(tensor => !tensor.IsImage) => "sees images and nothing else (set env.observation to image)",
        { Action: { Kind: ActionKind.Continuous, Size: var size } } when size < options.Controller.OneSided =>
            $"has controller.one_sided {options.Controller.OneSided}, and this task takes {spec.Action}",
        _ => null,
    };

    /// <summary>Makes the random numbers of the next loss repeat.</summary>
    internal void Reseed(long value) => noise.manual_seed(value);

    /// <summary>Counts the returns of this generation's candidates.</summary>
    public void Hear(ImmutableArray<FinishedEpisode> episodes) => trials.Take(episodes, search.Generation);

    public TrainResult Train(Batch batch, bool metrics)
    {
        using var scope = NewDisposeScope();
        var update = UpdateSeed.Of(seed, Updates);
        noise.manual_seed(update);
        var book = new LossBook(metrics);
        if (Searching)
        {
            TrainController();
            Record(book);
        }
        else
        {
            var data = ReplayedSteps.Load(batch, schema, layout, BatchSize, BatchLength, device, dtype);
            var images = Vision.See(data.Images!);
            if (Updates < options.VisionUpdates)
            {
                TrainVision(images, new Random((int)(update & int.MaxValue)), book);
            }
            else
            {
                TrainMemory(data, images, book);
            }
        }

        Updates++;
        return new TrainResult(book.Read(), []);
    }

    // V (1.2): the frames of the windows in random order, a step for every so many; the book has the last.
    private void TrainVision(Tensor images, Random random, LossBook book)
    {
        var order = new long[images.shape[0]];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        random.Shuffle(order);
        var count = order.Length / options.VisionBatch;
        for (var i = 0; i < count; i++)
        {
            var part = i == count - 1 ? book : new LossBook(metrics: false);
            using var scope = part == book ? null : NewDisposeScope();
            var frames = images.index_select(0, tensor(order[(i * options.VisionBatch)..((i + 1) * options.VisionBatch)], device: device));
            VisionLoss(frames, part).backward();
            part.Record("opt/grad_norm", visionSet.Optimiser.Step());
        }
    }

    /// <summary>The whole objective of V on frames [N, 64, 64, C], a scalar.</summary>
    internal Tensor VisionLoss(Tensor frames, LossBook book)
    {
        vision.Losses(frames, Noise(frames.shape[0], options.Latent), book);
        return book.Total();
    }

    // M (1.3), with its gradient clipped element by element.
    private void TrainMemory(ReplayedSteps data, Tensor images, LossBook book)
    {
        (Tensor Mean, Tensor LogVariance) moments;
        using (no_grad())
        {
            moments = vision.Encode(images);
            KeepStarts(data, moments, last: Updates == SearchFrom - 1);
        }

        MemoryLoss(data, moments, book).backward();
        using (no_grad())
        {
            memorySet.Parameters.Gradient.clamp_(-options.MemoryClip, options.MemoryClip);
        }

        // Towards its floor by the same share with every update (1.3).
        var (rate, floor) = (options.MemoryOptimiser.LearningRate, options.MemoryLeastRate);
        memorySet.Optimiser.LearningRate = floor + (rate - floor) * Math.Pow(options.MemoryDecay, memorySet.Optimiser.Updates);
        book.Record("opt/grad_norm", memorySet.Optimiser.Step());
    }

    /// <summary>
    /// The whole objective of M, a scalar: -ln p(z_{t+1} | z_t, a_t, h_t), the mean over batch, time and latents, with latents drawn anew from
    /// what V says; and the cross-entropy of ends. A frame that begins an episode does not follow from the one before.
    /// </summary>
    /// <param name="moments">[T*B, Z] each.</param>
    internal Tensor MemoryLoss(ReplayedSteps data, (Tensor Mean, Tensor LogVariance) moments, LossBook book)
    {
        var (steps, rows, ahead) = (data.Steps, data.Rows, data.Steps - 1);
        var latent = Vision.Sample(moments, Noise(moments.Mean.shape[0], options.Latent)).view(steps, rows, -1);
        var told = dream.ToldOfAction(data.PreviousAction).view(steps, rows, -1).narrow(0, 1, ahead);
        var keep = data.Keep.narrow(0, 0, ahead);
        var input = cat(options.PredictEnd ? [latent.narrow(0, 0, ahead), told, 1 - keep] : [latent.narrow(0, 0, ahead), told], -1);
        var (next, end) = memory.Predict(memory.Unroll(input, keep, data.HasFirst));

        var within = data.Keep.narrow(0, 1, ahead).squeeze(-1);
        Tensor Mean(Tensor loss) => (loss * within).sum() / within.sum().clamp_min(1);
        book.Add("memory", 1, Mean(next.LogProbability(latent.narrow(0, 1, ahead)).neg().mean([-1])));
        if (end is not null)
        {
            var ends = data.Terminal.view(steps, rows).narrow(0, 1, ahead);
            var loss = nn.functional.softplus(end) - ends * end;
            book.Add("end", 1, Mean(loss * (1 + (options.EndWeight - 1) * ends)));
        }

        return book.Total();
    }

    // C (1.5): a generation is over when all its candidates are scored, by the dream at once or by the actors in time; then, at times, the mean is.
    private void TrainController()
    {
        if (options.Controller.Dream)
        {
            trials.Clear(trials.Evaluating);
            foreach (var (candidate, points) in dream.Play(Players(), starts.narrow(0, 0, startCount), noise).Index())
            {
                trials.Add(candidate, points, options.Controller.Rollouts);
            }
        }

        if (!trials.Complete)
        {
            return;
        }

        if (trials.Evaluating)
        {
            champion.Challenge(Champion.Quantised(search.Mean), trials.Mean);
            trials.Clear(evaluating: false);
            return;
        }

        newest = trials.Means;
        search.Tell([.. newest.Select(value => -value)]);
        trials.Clear(evaluating: options.Controller.EvaluateEvery > 0 && search.Generation % options.Controller.EvaluateEvery == 0);
    }

    // Who plays now: the candidates, or the mean in place of them all.
    private double[][] Players() =>
        trials.Evaluating ? [.. Enumerable.Repeat(Champion.Quantised(search.Mean), options.Controller.Population)] : search.Ask();

    private void Record(LossBook book)
    {
        void Number(string name, double value) => book.Record($"controller/{name}", () => tensor(value));
        Number("generation", search.Generation);
        Number("sigma", search.Sigma);
        if (newest.Length > 0)
        {
            Number("mean", newest.Average());
            Number("best", newest.Max());
        }

        if (champion.Parameters is not null)
        {
            Number("champion", champion.Score);
        }
    }

    // First frames for dreams to begin with; where the windows never saw any, the frames that windows begin with.
    private void KeepStarts(ReplayedSteps data, (Tensor Mean, Tensor LogVariance) moments, bool last)
    {
        void Keep(Tensor found)
        {
            var room = Math.Min(found.shape[0], starts.shape[0] - startCount);
            if (room > 0)
            {
                starts.narrow(0, startCount, room).copy_(found.narrow(0, 0, room));
                startCount += room;
            }
        }

        var all = cat([moments.Mean, moments.LogVariance], 1);
        Keep(all.index_select(0, data.Keep.view(-1).eq(0).nonzero().view(-1)));
        if (last && startCount == 0)
        {
            Keep(all.narrow(0, 0, data.Rows));
        }
    }

    private Tensor Noise(long rows, long width) => empty([rows, width], dtype, device).normal_(0, 1, noise);

    /// <summary>Random networks until C's turn comes; then V's encoder, M's recurrent layer, the champion (the mean until there is one) and who plays beside it.</summary>
    public PolicyBlob ExportPolicy(long version)
    {
        if (!Searching)
        {
            return RandomNetworkPolicy.Blob(spec, sizes, version);
        }

        var best = champion.Parameters ?? search.Mean;
        double[][] controllers = options.Controller.Dream ? [best] : [best, .. Players()];
        var high = controllers.SelectMany(row => row).Select(value => (float)value).ToArray();
        var blob = WorldModelsFormat.Policy.Builder(spec, sizes with { Generation = search.Generation, Evaluation = trials.Evaluating });
        return PolicyExport.Build(
            blob, version, [vision.Parameters, memory.Parameters], (WorldModelsFormat.Controllers, [.. high.Select(Upper), .. high.Select(value => value - Upper(value))]));
    }

    // What bfloat16 holds exactly; the rest goes into the second half.
    private static float Upper(float value) => BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(value) & 0xFFFF0000);

    public IReadOnlyList<ReportImage> Report(Batch batch)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        noise.manual_seed(UpdateSeed.Of(seed, Updates));
        var data = ReplayedSteps.Load(batch, schema, layout, BatchSize, BatchLength, device, dtype);
        var latents = vision.Encode(Vision.See(data.Images!)).Mean.view(data.Steps, data.Rows, -1);
        var told = dream.ToldOfAction(data.PreviousAction).view(data.Steps, data.Rows, -1);
        var shown = new List<Tensor>();
        var state = memory.Blank(data.Rows, latents);
        var seen = state;
        var latent = latents[0];
        for (var t = 0; t < data.Steps; t++)
        {
            shown.Add(latent);
            var keep = data.Keep[t];
            state = (state.Hidden * keep, state.Cell * keep);
            seen = t < data.Steps / 2 ? state : seen;
            if (t + 1 < data.Steps)
            {
                state = memory.Step(cat(options.PredictEnd ? [latent, told[t + 1], 1 - keep] : [latent, told[t + 1]], 1), state);
                var next = memory.Predict(state.Hidden).Next;
                latent = t + 1 < data.Steps / 2 ? latents[t + 1] : (next.LogWeights.exp() * next.Mean).sum(-1);
            }
        }

        // From the last frame that M saw, with the actions of C.
        var dreams = Math.Min(DreamPicture.Dreams, data.Rows);
        var dreamt = dream.Imagine(
            champion.Parameters ?? search.Mean, latents[Math.Max(0, data.Steps / 2 - 1)].narrow(0, 0, dreams),
            (seen.Hidden.narrow(0, 0, dreams), seen.Cell.narrow(0, 0, dreams)), DreamFrames, noise).flatten(0, 1);  // [L*d, Z]
        return
        [
            .. OpenLoopPicture.Draw(layout, data.Steps, data.Rows, data.Images! / 255, 1 - vision.Decode(cat([.. shown], 0))),
            .. DreamPicture.Draw(layout, DreamFrames, 1 - vision.Decode(dreamt)),
        ];
    }

    public void Save(CheckpointWriter checkpoint)
    {
        AgentState.Save(checkpoint, AgentFactory.WorldModels, Updates, seed, Saved());
        checkpoint.Value("optimiser_updates", new[] { visionSet.Optimiser.Updates, memorySet.Optimiser.Updates });
        checkpoint.Value("starts", startCount);
        checkpoint.Value("newest", newest);
        checkpoint.Value("trials", new[] { trials.Sums, trials.Counts });
        checkpoint.Value("evaluating", trials.Evaluating);
        champion.Save(checkpoint);
        search.Save(checkpoint);
    }

    public void Load(CheckpointReader checkpoint)
    {
        var (optimisers, scores, played) = (Array.Empty<long>(), Array.Empty<double>(), Array.Empty<double[]>());
        var count = 0L;
        (Updates, seed) = AgentState.Load(checkpoint, Saved(), also: () =>
        {
            (optimisers, count) = (checkpoint.Value<long[]>("optimiser_updates"), checkpoint.Value<long>("starts"));
            (scores, played) = (checkpoint.Value<double[]>("newest"), checkpoint.Value<double[][]>("trials"));
            search.Load(checkpoint);
        });
        (startCount, newest) = (count, scores);
        (visionSet.Optimiser.Updates, memorySet.Optimiser.Updates) = (optimisers[0], optimisers[1]);
        champion.Load(checkpoint);
        trials.Evaluating = checkpoint.Has("evaluating") && checkpoint.Value<bool>("evaluating");
        played[0].CopyTo(trials.Sums, 0);
        played[1].CopyTo(trials.Counts, 0);
    }

    public void Dispose()
    {
        visionSet.Dispose();
        memorySet.Dispose();
        starts.Dispose();
        noise.Dispose();
    }

    private IEnumerable<(string Name, Tensor Tensor)> Saved() => visionSet.Saved().Concat(memorySet.Saved()).Append(("starts", starts));

    private static WorldModelsSizes SizesOf(WorldModelsOptions options) => new()
    {
        Latent = options.Latent,
        Units = options.Units,
        Depth = options.Depth,
        PredictEnd = options.PredictEnd,
        CellState = options.Controller.CellState,
        Bias = options.Controller.Bias,
        OneSided = options.Controller.OneSided,
        Candidates = options.Controller.Dream ? 0 : options.Controller.Population,
        Generation = 0,
    };
}
