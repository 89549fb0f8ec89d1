using System.Collections.Immutable;
using Dreamer.Agents.Checkpoints;
using Dreamer.Agents.Nets;
using Dreamer.Experience;
using Dreamer.Policies;
using Dreamer.Policies.DreamerV1;
using Dreamer.Spaces;
using TorchSharp;
using static TorchSharp.torch;

namespace Dreamer.Agents.DreamerV1;

/// <summary>
/// Dreamer (Hafner et al., ICLR 2020). The learning rule reads top to bottom in <see cref="Train"/>; equation numbers are the
/// paper's, section numbers those of the specification of the lineage.
/// Shapes: B batch, T time, N = T*B, K states that dreams start from, H imagined steps, D deter, S stoch, F = S + D, A action.
/// </summary>
public sealed class DreamerV1Agent : IAgent
{
    private readonly DreamerV1Options options;
    private readonly EnvironmentSpec spec;
    private readonly Schema schema;
    private readonly DreamerV1Model model;
    private readonly TrainedSet world;
    private readonly TrainedSet critic;
    private readonly TrainedSet behaviour;
    private readonly Device device;
    private readonly ScalarType dtype;
    private readonly Generator noise;
    private ulong seed;

    /// <param name="seed">Decides the initial weights and all sampling: update n draws from a generator seeded with (seed, n).</param>
    /// <param name="dtype">Element type of weights and arithmetic; float32 unless a test asks for more.</param>
    public DreamerV1Agent(DreamerV1Options options, EnvironmentSpec spec, Device device, ulong seed, ScalarType dtype = ScalarType.Float32)
    {
        (this.options, this.spec, this.device, this.seed, this.dtype) = (options, spec, device, seed, dtype);
        model = new DreamerV1Model(options, spec);
        world = new TrainedSet(model.World, options.ModelOptimiser, device, dtype, seed);
        critic = new TrainedSet(model.Critic, options.ValueOptimiser, device, dtype, seed + 1);
        behaviour = new TrainedSet(model.Behaviour, options.ActorOptimiser, device, dtype, seed + 2);
        noise = new Generator(seed, device);
        schema = Schema.For(spec, RecordedState);
    }

    public int BatchSize => options.BatchSize;

    public int BatchLength => options.BatchLength;

    public int Context => ReplayedSteps.Context;

    /// <summary>None: every window begins with a blank state.</summary>
    public ImmutableArray<TensorSpec> RecordedState => [];

    public long Updates => world.Optimiser.Updates;

    public IReadOnlyDictionary<string, long> ParameterCounts => model.CountPerModule();

    internal DreamerV1Model Model => model;

    /// <summary>Elements per module for any options and spaces; allocates nothing.</summary>
    public static IReadOnlyDictionary<string, long> Describe(DreamerV1Options options, EnvironmentSpec spec) =>
        new DreamerV1Model(options, spec).CountPerModule();

    /// <summary>Makes the random numbers of the next <see cref="Losses"/> repeat.</summary>
    internal void Reseed(long value) => noise.manual_seed(value);

    public TrainResult Train(Batch batch, bool metrics)
    {
        using var scope = NewDisposeScope();
        noise.manual_seed(UpdateSeed.Of(seed, Updates));
        var book = new LossBook(metrics);
        var data = ReplayedSteps.Load(batch, schema, model.Layout, BatchSize, BatchLength, device, dtype);
        Losses(data, book).backward();

        // Three optimisers, each with its own learning rate and clipping (3.2).
        book.Record("opt/model_grad_norm", world.Optimiser.Step());
        book.Record("opt/value_grad_norm", critic.Optimiser.Step());
        book.Record("opt/actor_grad_norm", behaviour.Optimiser.Step());
        return new TrainResult(book.Read(), []);
    }

    /// <summary>The whole objective of one batch, a scalar. Each loss reaches only the parameters that it is for.</summary>
    internal Tensor Losses(ReplayedSteps data, LossBook book)
    {
        var images = Centred(data.Images);
        var tokens = model.Encoder.Apply(data.Vectors, images);
        var states = Observe(data, tokens);
        WorldModelLoss(data, images, tokens, states, book);
        var dream = Imagine(data, states);
        var returns = Returns(dream, book);
        ActorLoss(returns, book);
        ValueLoss(dream, returns, book);
        return book.Total();
    }

    // Representation model p(s_t | s_{t-1}, a_{t-1}, o_t), by the transition model's recurrence (eq. 4; spec 2.1, 3.1).
    private GaussianStates Observe(ReplayedSteps data, Tensor tokens, int observed = int.MaxValue) => GaussianStates.Observe(
        model.Rssm, data, tokens, empty([data.Steps, data.Rows, options.Stoch], dtype, device).normal_(0, 1, noise), observed);

    // J_REC = E[ sum_t ln q(o_t | s_t) + ln q(r_t | s_t) - beta KL ] (eq. 10), or J_NCE with the contrastive term in place of the
    // observation's (eq. 12), or neither of them.
    private void WorldModelLoss(ReplayedSteps data, Tensor? images, Tensor tokens, GaussianStates states, LossBook book)
    {
        var feature = states.Feature;

        // Without reconstruction the decoder still learns to draw what the state knows, for pictures.
        var drawn = options.Representation == Representation.Reconstruction ? feature : feature.detach();
        foreach (var (key, loss) in model.Decoder.Losses(drawn, data.Vectors, images))
        {
            book.Add(key, 1, loss);
        }

        if (model.Contrastive is not null)
        {
            book.Add("cpc", 1, model.Contrastive.Loss(tokens, feature, data.Steps, data.Rows));
        }

        book.Add("rew", options.RewardScale, ScalarHead.Loss(model.Reward.Apply(feature), options.TanhRewards ? data.Reward.tanh() : data.Reward));
        if (model.Continue is not null)
        {
            // The head learns discount * (1 - terminal), so that imagination needs no other discount.
            book.Add("con", options.ContinueScale, nn.functional.binary_cross_entropy_with_logits(
                model.Continue.Apply(feature), (1 - data.Terminal) * options.Discount, reduction: nn.Reduction.None));
        }

        // Free nats apply to the mean over the batch.
        var divergence = states.Posterior.Divergence(model.Rssm.Prior(states.Deter)).mean();
        book.Add("kl", options.KlScale, divergence.clamp_min(options.FreeNats));
        book.Record("kl/nats", divergence);
        book.Record("kl/post_ent", () => states.Posterior.Entropy().mean());
    }

    // H steps of the transition model from every replayed state, with actions of the actor; the result leaves out the start (3.2).
    // The gradient passes through the dynamics into the actions, and into no parameter of the world model.
    private Dream Imagine(ReplayedSteps data, GaussianStates states)
    {
        using var frozen = model.World.Freeze();
        var (rssm, actor, horizon) = (model.Rssm, model.Actor, options.ImaginationHorizon);
        var (deter, stoch) = (Starts(states.Deter, data), Starts(states.Stoch, data));
        var weights = rssm.Prepare();
        var features = new Tensor[horizon];
        var feature = cat([stoch, deter], 1);
        var rows = deter.shape[0];
        for (var h = 0; h < horizon; h++)
        {
            var action = actor.Sample(actor.Apply(feature.detach()), actor.Noise(rows, noise, device, dtype));
            deter = rssm.Core(weights, deter, stoch, rssm.ActionInput(weights, action));
            stoch = rssm.Prior(deter).Sample(empty([rows, options.Stoch], dtype, device).normal_(0, 1, noise));
            features[h] = feature = cat([stoch, deter], 1);
        }

        var dreamt = stack(features);                                                                        // [H, K, F]
        return new Dream(dreamt, model.Reward.Apply(dreamt), model.Continue?.Apply(dreamt).sigmoid());
    }

    // [N, X] -> [K, X]: the last steps of each window, without a gradient. Where ends are predicted the very last is left out: it may be one.
    private Tensor Starts(Tensor states, ReplayedSteps data)
    {
        var steps = data.Steps - (model.Continue is null ? 0 : 1);
        var used = options.ImaginedStarts == 0 ? steps : Math.Min(options.ImaginedStarts, steps);
        return states.detach().narrow(0, (steps - used) * data.Rows, used * data.Rows);
    }

    // V_lambda (eq. 6) in the alignment of spec 0.1, and the weight of each state: the discounts on the way to it.
    private DreamReturns Returns(Dream dream, LossBook book)
    {
        using var frozen = model.Critic.Freeze();
        var kept = options.ImaginationHorizon - 1;
        var value = model.Value.Apply(dream.Features);                                                       // [H, K]
        var discount = dream.Discount ?? full_like(value, options.Discount);
        var target = LambdaReturn.Arriving(
            dream.Reward.narrow(0, 0, kept), discount.narrow(0, 0, kept), value.narrow(0, 0, kept), value.select(0, kept), options.Lambda);
        var weight = cat([ones_like(discount.narrow(0, 0, 1)), discount.narrow(0, 0, kept - 1)], 0).detach().cumprod(0);
        book.Record("rew", () => dream.Reward.mean());
        book.Record("val", () => value.mean());
        book.Record("ret", () => target.mean());
        book.Record("ret_min", () => target.min());
        book.Record("ret_max", () => target.max());
        book.Record("weight", () => weight.mean());
        return new DreamReturns(target, weight);
    }

    // max E[ sum V_lambda(s_tau) ] (eq. 7): analytic gradients through value, reward and dynamics.
    private static void ActorLoss(DreamReturns returns, LossBook book) => book.Add("policy", 1, -(returns.Weight * returns.Target));

    // min E[ sum 1/2 |v(s_tau) - V_lambda(s_tau)|^2 ] (eq. 8).
    private void ValueLoss(Dream dream, DreamReturns returns, LossBook book)
    {
        var value = model.Value.Apply(dream.Features.narrow(0, 0, options.ImaginationHorizon - 1).detach());
        book.Add("value", 1, returns.Weight * ScalarHead.Loss(value, returns.Target.detach()));
    }

    private static Tensor? Centred(Tensor? images) => images is null ? null : images / 255 - 0.5;

    /// <summary>Before the first update: random actions, which fill the replay (3.3).</summary>
    public PolicyBlob ExportPolicy(long version)
    {
        if (Updates == 0)
        {
            return RandomPolicy.Blob(spec, version);
        }

        var sizes = new DreamerV1Sizes
        {
            Deter = options.Deter,
            Stoch = options.Stoch,
            Hidden = options.Hidden,
            Depth = options.Depth,
            VectorUnits = options.VectorUnits,
            VectorLayers = options.VectorLayers,
            Units = options.Units,
            ActorLayers = options.ActorLayers,
            Exploration = (float)options.Exploration.At(Updates),
        };
        return PolicyExport.Build(DreamerV1Format.Policy.Builder(spec, sizes), version, model.World, model.Behaviour);
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
        var tokens = model.Encoder.Apply(data.Vectors, Centred(data.Images));
        var states = Observe(data, tokens, observed: data.Steps / 2);
        var dream = Imagine(data, Observe(data, tokens)).Features;                                       // [L, K, F]
        var last = dream.narrow(1, dream.shape[1] - data.Rows, Math.Min(DreamPicture.Dreams, data.Rows)).flatten(0, 1);
        Tensor Drawn(Tensor feature) => (model.Decoder.Images(feature) + 0.5).clamp(0, 1);
        return
        [
            .. OpenLoopPicture.Draw(model.Layout, data.Steps, data.Rows, data.Images! / 255, Drawn(states.Feature)),
            .. DreamPicture.Draw(model.Layout, dream.shape[0], Drawn(last)),
        ];
    }

    public void Save(CheckpointWriter checkpoint) => AgentState.Save(checkpoint, AgentFactory.DreamerV1, Updates, seed, Saved);

    public void Load(CheckpointReader checkpoint)
    {
        (var updates, seed) = AgentState.Load(checkpoint, Saved);
        Array.ForEach(Sets, set => set.Optimiser.Updates = updates);
    }

    private TrainedSet[] Sets => [world, critic, behaviour];

    private IEnumerable<(string Name, Tensor Tensor)> Saved => Sets.SelectMany(set => set.Saved());

    public void Dispose()
    {
        foreach (var set in Sets)
        {
            set.Dispose();
        }

        noise.Dispose();
    }

    /// <param name="Features">[H, K, F], without the replayed state.</param>
    /// <param name="Reward">[H, K] received on arriving.</param>
    /// <param name="Discount">[H, K], or null for the constant one.</param>
    private readonly record struct Dream(Tensor Features, Tensor Reward, Tensor? Discount);

    /// <param name="Target">[H-1, K] lambda-returns, with gradient.</param>
    /// <param name="Weight">[H-1, K]</param>
    private readonly record struct DreamReturns(Tensor Target, Tensor Weight);
}
