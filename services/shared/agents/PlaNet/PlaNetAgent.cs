using System.Collections.Immutable;
using Dreamer.Agents.Checkpoints;
using Dreamer.Agents.Nets;
using Dreamer.Experience;
using Dreamer.Policies;
using Dreamer.Policies.PlaNet;
using Dreamer.Spaces;
using TorchSharp;
using static TorchSharp.torch;

namespace Dreamer.Agents.PlaNet;

/// <summary>
/// PlaNet (Hafner et al., ICML 2019): a latent dynamics model and nothing else; actors plan with it. The learning rule reads top to
/// bottom in <see cref="Train"/>; equation numbers are the paper's, section numbers those of the specification of the lineage.
/// Shapes: B batch, T time, N = T*B, D deter, S stoch, F = S + D, A action.
/// </summary>
public sealed class PlaNetAgent : IAgent
{
    private const double LowestVariance = 1e-6;

    private readonly PlaNetOptions options;
    private readonly EnvironmentSpec spec;
    private readonly Schema schema;
    private readonly PlaNetModel model;
    private readonly TrainedSet trained;
    private readonly Device device;
    private readonly ScalarType dtype;
    private readonly Generator noise;
    private ulong seed;

    /// <param name="seed">Decides the initial weights and all sampling: update n draws from a generator seeded with (seed, n).</param>
    /// <param name="dtype">Element type of weights and arithmetic; float32 unless a test asks for more.</param>
    public PlaNetAgent(PlaNetOptions options, EnvironmentSpec spec, Device device, ulong seed, ScalarType dtype = ScalarType.Float32)
    {
        (this.options, this.spec, this.device, this.seed, this.dtype) = (options, spec, device, seed, dtype);
        model = new PlaNetModel(options, spec);
        trained = new TrainedSet(model.Parameters, options.Optimiser, device, dtype, seed);
        noise = new Generator(seed, device);
        schema = Schema.For(spec, RecordedState);
    }

    public int BatchSize => options.BatchSize;

    public int BatchLength => options.BatchLength;

    public int Context => ReplayedSteps.Context;

    /// <summary>None: every window begins with a blank state.</summary>
    public ImmutableArray<TensorSpec> RecordedState => [];

    public long Updates => trained.Optimiser.Updates;

    public IReadOnlyDictionary<string, long> ParameterCounts => model.Parameters.CountPerModule();

    internal PlaNetModel Model => model;

    /// <summary>Elements per module for any options and spaces; allocates nothing.</summary>
    public static IReadOnlyDictionary<string, long> Describe(PlaNetOptions options, EnvironmentSpec spec) =>
        new PlaNetModel(options, spec).Parameters.CountPerModule();

    /// <summary>Why the agent cannot serve a task; null when it can.</summary>
    public static string? Objection(EnvironmentSpec spec) => spec.Action.Kind == ActionKind.Continuous
        ? null
        : $"plans continuous actions, and this task takes {spec.Action}";

    /// <summary>Makes the random numbers of the next <see cref="Losses"/> repeat.</summary>
    internal void Reseed(long value) => noise.manual_seed(value);

    public TrainResult Train(Batch batch, bool metrics)
    {
        using var scope = NewDisposeScope();
        noise.manual_seed(UpdateSeed.Of(seed, Updates));
        var book = new LossBook(metrics);
        Losses(ReplayedSteps.Load(batch, schema, model.Layout, BatchSize, BatchLength, device, dtype), book).backward();
        book.Record("opt/grad_norm", trained.Optimiser.Step());
        return new TrainResult(book.Read(), []);
    }

    /// <summary>The whole objective of one batch, a scalar: the variational bound (eq. 4), or with overshooting that of many steps (eq. 7).</summary>
    internal Tensor Losses(ReplayedSteps data, LossBook book)
    {
        var images = Reduced(data.Images);
        var states = Observe(data, images);

        // Reconstruction: ln p(o_t | s_t) and ln p(r_t | s_t), unit normals.
        var feature = states.Feature;
        foreach (var (key, loss) in model.Decoder.Losses(feature, data.Vectors, images))
        {
            book.Add(key, 1, loss);
        }

        book.Add("rew", options.RewardScale, ScalarHead.Loss(model.Reward.Apply(feature), data.Reward));

        // Complexity: KL(q(s_t | o_<=t, a_<t) || p(s_t | s_{t-1}, a_{t-1})) above the free nats of every step.
        var divergence = states.Posterior.Divergence(model.Rssm.Prior(states.Deter));
        book.Add("kl", options.KlScale, (divergence - options.FreeNats).clamp_min(0));
        book.Record("kl/nats", () => divergence.mean());
        book.Record("kl/post_ent", () => states.Posterior.Entropy().mean());
        if (options.Overshooting > 0)
        {
            book.Add("overshooting", options.OvershootingScale, Overshoot(data, states));
        }

        return book.Total();
    }

    // Filtering posterior q(s_t | o_<=t, a_<t) along the deterministic path h_t = f(h_{t-1}, s_{t-1}, a_{t-1}) (eq. 3; spec 2.1).
    private GaussianStates Observe(ReplayedSteps data, Tensor? images, int observed = int.MaxValue) => GaussianStates.Observe(
        model.Rssm, data, model.Encoder.Apply(data.Vectors, images),
        empty([data.Steps, data.Rows, options.Stoch], dtype, device).normal_(0, 1, noise), observed);

    // Latent overshooting (eq. 6, 7; spec 2.3): the prior rolled d steps ahead of every posterior must agree with the posterior there,
    // which is held still. d = 1 is the KL of the bound itself. All starts are rolled at once; those that leave the window drop out.
    private Tensor Overshoot(ReplayedSteps data, GaussianStates states)
    {
        var (rssm, rows) = (model.Rssm, data.Rows);
        var weights = rssm.Prepare();
        var actionInput = rssm.ActionInput(weights, data.PreviousAction);
        var target = states.Posterior.Detach();
        var (deter, stoch) = (states.Deter, states.Stoch);
        var within = ones([data.Steps * rows, 1], dtype, device);
        var keep = data.Keep.view(-1, 1);
        var terms = new List<Tensor>();
        for (var distance = 1; distance <= options.Overshooting; distance++)
        {
            var (from, count) = (distance * (long)rows, (data.Steps - distance) * (long)rows);
            Tensor Head(Tensor x) => x.narrow(0, 0, count);
            Tensor Ahead(Tensor x) => x.narrow(0, from, count);
            deter = rssm.Core(weights, Head(deter), Head(stoch), Ahead(actionInput));
            var prior = rssm.Prior(deter);
            stoch = prior.Sample(empty([count, options.Stoch], dtype, device).normal_(0, 1, noise));
            // A prediction across the start of an episode is none.
            within = Head(within) * Ahead(keep);
            if (distance > 1)
            {
                var divergence = new Distributions.DiagonalNormal(Ahead(target.Mean), Ahead(target.Std)).Divergence(prior);
                terms.Add(((divergence - options.FreeNats).clamp_min(0) * within.squeeze(-1)).mean());
            }
        }

        return stack(terms);
    }

    // The kept bits plus noise of one step's width, centred (spec 2.2).
    private Tensor? Reduced(Tensor? images)
    {
        if (images is null)
        {
            return null;
        }

        double levels = 1 << options.ImageBits;
        return (images / (256 / levels)).floor_().add_(empty(images.shape, dtype, device).uniform_(0, 1, noise)).div_(levels).sub_(0.5);
    }

    /// <summary>Before the first update: random actions, which fill the replay (2.4).</summary>
    public PolicyBlob ExportPolicy(long version)
    {
        if (Updates == 0)
        {
            return RandomPolicy.Blob(spec, version);
        }

        var sizes = new PlaNetSizes
        {
            Deter = options.Deter,
            Stoch = options.Stoch,
            Hidden = options.Hidden,
            Depth = options.Depth,
            Units = options.Units,
            VectorLayers = options.VectorLayers,
            RewardLayers = options.RewardLayers,
            ImageBits = options.ImageBits,
            Horizon = options.Planner.Horizon,
            Iterations = options.Planner.Iterations,
            Candidates = options.Planner.Candidates,
            Top = options.Planner.Top,
            Exploration = (float)options.Exploration.At(Updates),
        };
        return PolicyExport.Build(PlaNetFormat.Policy.Builder(spec, sizes), version, model.Parameters);
    }

    public IReadOnlyList<ReportImage> Report(Batch batch)
    {
        if (model.Layout.Images.Length == 0)
        {
            return [];
        }

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        noise.manual_seed(UpdateSeed.Of(seed, Updates));
        var data = ReplayedSteps.Load(batch, schema, model.Layout, BatchSize, BatchLength, device, dtype);
        var images = Reduced(data.Images);
        var states = Observe(data, images, observed: data.Steps / 2);
        var all = Observe(data, images);
        var dream = stack(
            Enumerable.Range(1, Math.Min(DreamPicture.Dreams, data.Rows)).Select(back => all.Deter.shape[0] - back)
                .Select(row => Dream(all.Deter.narrow(0, row, 1), all.Stoch.narrow(0, row, 1))),
            1).flatten(0, 1);                                                                             // [(H+1)*d, F]
        Tensor Drawn(Tensor feature) => (model.Decoder.Images(feature) + 0.5).clamp(0, 1);
        return
        [
            .. OpenLoopPicture.Draw(model.Layout, data.Steps, data.Rows, data.Images! / 255, Drawn(states.Feature)),
            .. DreamPicture.Draw(model.Layout, options.Planner.Horizon + 1, Drawn(dream)),
        ];
    }

    // What the planner of the actors (2.5) expects of the plan that it ends with: features [H+1, F] from one state on.
    internal Tensor Dream(Tensor deter, Tensor stoch)
    {
        var (planner, weights) = (options.Planner, model.Rssm.Prepare());
        var mean = zeros([planner.Horizon, 1, spec.Action.Size], dtype, device);
        var std = ones_like(mean);
        for (var iteration = 0; iteration < planner.Iterations; iteration++)
        {
            using var scope = NewDisposeScope();
            var draws = empty([planner.Horizon, planner.Candidates, spec.Action.Size], dtype, device).normal_(0, 1, noise);
            var plans = mean.addcmul(std, draws, 1).clamp(-1, 1);
            var rewards = zeros([planner.Candidates], dtype, device);
            Roll(deter.expand(planner.Candidates, -1), stoch.expand(planner.Candidates, -1), plans, feature => rewards.add_(model.Reward.Apply(feature)));
            var best = plans.index_select(1, rewards.topk(planner.Top, 0).Item2);
            mean = best.mean([1], keepdim: true).MoveToOuterDisposeScope();
            std = (best.var(1, unbiased: false, keepdim: true) + LowestVariance).sqrt().MoveToOuterDisposeScope();
        }

        List<Tensor> features = [cat([stoch, deter], 1)];
        Roll(deter, stoch, mean, features.Add);
        return cat([.. features], 0);

        void Roll(Tensor deter, Tensor stoch, Tensor plans, Action<Tensor> look)
        {
            foreach (var action in plans.unbind())
            {
                deter = model.Rssm.Core(weights, deter, stoch, model.Rssm.ActionInput(weights, action));
                stoch = model.Rssm.Prior(deter).Sample(empty([deter.shape[0], options.Stoch], dtype, device).normal_(0, 1, noise));
                look(cat([stoch, deter], 1));
            }
        }
    }

    public void Save(CheckpointWriter checkpoint) => AgentState.Save(checkpoint, AgentFactory.PlaNet, Updates, seed, trained.Saved());

    public void Load(CheckpointReader checkpoint) => (trained.Optimiser.Updates, seed) = AgentState.Load(checkpoint, trained.Saved());

    public void Dispose()
    {
        trained.Dispose();
        noise.Dispose();
    }
}
