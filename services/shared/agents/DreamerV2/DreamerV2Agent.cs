using System.Collections.Immutable;
using Dreamer.Agents.Checkpoints;
using Dreamer.Agents.Nets;
using Dreamer.Agents.Optimisers;
using Dreamer.Experience;
using Dreamer.Policies;
using Dreamer.Policies.DreamerV2;
using Dreamer.Spaces;
using TorchSharp;
using static TorchSharp.torch;

namespace Dreamer.Agents.DreamerV2;

/// <summary>
/// DreamerV2 (Hafner et al., ICLR 2021). The learning rule reads top to bottom in <see cref="Losses"/>; equation numbers are the
/// paper's, section numbers those of the specification of the lineage.
/// Shapes: B batch, T time, N = T*B, K states that dreams start from, H imagined steps, D deter, S stoch, F = S + D, P parameters of a
/// state's distribution, A action.
/// </summary>
public sealed class DreamerV2Agent : IAgent
{
    private readonly DreamerV2Options options;
    private readonly EnvironmentSpec spec;
    private readonly Schema schema;
    private readonly DreamerV2Model model;
    private readonly ActorGradient gradient;
    private readonly List<(string Name, TrainedSet Set)> sets = [];
    private readonly Device device;
    private readonly ScalarType dtype;
    private readonly Generator noise;
    private ulong seed;

    /// <param name="seed">Decides the initial weights and all sampling: update n draws from a generator seeded with (seed, n).</param>
    /// <param name="dtype">Element type of weights and arithmetic; float32 unless a test asks for more.</param>
    public DreamerV2Agent(DreamerV2Options options, EnvironmentSpec spec, Device device, ulong seed, ScalarType dtype = ScalarType.Float32)
    {
        (this.options, this.spec, this.device, this.seed, this.dtype) = (options, spec, device, seed, dtype);
        model = new DreamerV2Model(options, spec);
        gradient = options.ActorGradient != ActorGradient.Auto ? options.ActorGradient
            : model.Task.Actor.IsDiscrete ? ActorGradient.Reinforce
            : ActorGradient.Dynamics;
        Own("model", model.World, options.ModelOptimiser);
        Own("", model.Task);
        if (model.Ensemble is { } ensemble && model.Explorer is { } explorer)
        {
            Own("ensemble", ensemble.Set, options.Plan2Explore.Optimiser);
            Own("explorer_", explorer);
        }

        noise = new Generator(seed, device);
        schema = Schema.For(spec, RecordedState);
    }

    public int BatchSize => options.BatchSize;

    public int BatchLength => options.BatchLength;

    public int Context => ReplayedSteps.Context;

    /// <summary>None: every window begins with a blank state.</summary>
    public ImmutableArray<TensorSpec> RecordedState => [];

    public long Updates => sets[0].Set.Optimiser.Updates;

    public IReadOnlyDictionary<string, long> ParameterCounts => model.CountPerModule();

    internal DreamerV2Model Model => model;

    /// <summary>Elements per module for any options and spaces; allocates nothing.</summary>
    public static IReadOnlyDictionary<string, long> Describe(DreamerV2Options options, EnvironmentSpec spec) =>
        new DreamerV2Model(options, spec).CountPerModule();

    /// <summary>Makes the random numbers of the next <see cref="Losses"/> repeat.</summary>
    internal void Reseed(long value) => noise.manual_seed(value);

    public TrainResult Train(Batch batch, bool metrics)
    {
        using var scope = NewDisposeScope();
        noise.manual_seed(UpdateSeed.Of(seed, Updates));
        var book = new LossBook(metrics);
        Losses(Load(batch), book).backward();

        // One optimiser per network (4.4): clipping, then decay of the weights, then Adam.
        foreach (var (name, set) in sets)
        {
            book.Record($"opt/{name}_grad_norm", set.Optimiser.Step());
        }

        FollowCritic(model.Task);
        if (model.Explorer is { } explorer)
        {
            FollowCritic(explorer);
        }

        return new TrainResult(book.Read(), []);
    }

    /// <summary>The whole objective of one batch, a scalar. Each loss reaches only the parameters that it is for.</summary>
    internal Tensor Losses(ReplayedSteps data, LossBook book)
    {
        var images = Centred(data.Images);
        var states = Observe(data, model.Encoder.Apply(data.Vectors, images));
        WorldModelLoss(data, images, states, book);
        LearnBehaviour(model.Task, "", data, states, dream => model.Reward.Apply(dream.Features), book);
        if (model.Ensemble is { } ensemble && model.Explorer is { } explorer)
        {
            book.Add("ensemble", 1, ensemble.Loss(data, states));
            LearnBehaviour(explorer, "explorer_", data, states, dream => Novelty(ensemble, dream), book);
        }

        return book.Total();
    }

    // Representation model q(z_t | h_t, x_t) by the recurrence h_t = f(h_{t-1}, z_{t-1}, a_{t-1}) (eq. 1; 4.1).
    private LatentStates Observe(ReplayedSteps data, Tensor tokens, int observed = int.MaxValue) => LatentStates.Observe(
        model.Rssm, model.Latent, data, tokens, model.Latent.Noise(tokens.shape[0], noise, device, dtype), observed);

    // E[ sum_t -ln p(x_t | h_t, z_t) - ln p(r_t | h_t, z_t) - ln p(gamma_t | h_t, z_t) + beta KL[q(z_t) || p(z_t | h_t)] ] (eq. 2; 4.2).
    private void WorldModelLoss(ReplayedSteps data, Tensor? images, LatentStates states, LossBook book)
    {
        var feature = states.Feature;
        foreach (var (key, loss) in model.Decoder.Losses(feature, data.Vectors, images))
        {
            book.Add(key, 1, loss);
        }

        book.Add("rew", options.RewardScale, ScalarHead.Loss(model.Reward.Apply(feature), options.TanhRewards ? data.Reward.tanh() : data.Reward));
        if (model.Continue is not null)
        {
            book.Add("con", options.ContinueScale, nn.functional.binary_cross_entropy_with_logits(
                model.Continue.Apply(feature), Going(data), reduction: nn.Reduction.None));
        }

        // KL balancing (algorithm 2): the prior is drawn to the posterior faster than the other way. Free nats apply to the batch mean.
        var (latent, posterior, prior) = (model.Latent, states.Posterior, model.Rssm.Prior(states.Deter));
        var toPrior = latent.Divergence(posterior.detach(), prior).mean();
        var toPosterior = latent.Divergence(posterior, prior.detach()).mean();
        book.Add("kl", options.KlScale,
            toPrior.clamp_min(options.FreeNats) * options.KlBalance + toPosterior.clamp_min(options.FreeNats) * (1 - options.KlBalance));
        book.Record("kl/nats", toPrior);
        book.Record("kl/post_ent", () => latent.Entropy(posterior).mean());
        book.Record("kl/prior_ent", () => latent.Entropy(prior).mean());
    }

    private void LearnBehaviour(
        Behaviour behaviour, string label, ReplayedSteps data, LatentStates states, Func<Dream, Tensor> reward, LossBook book)
    {
        var dream = Imagine(behaviour.Actor, data, states);
        var returns = Returns(behaviour, label, dream, reward, book);
        ActorLoss(behaviour.Actor, label, dream, returns, book);
        CriticLoss(behaviour.Value, label, dream, returns, book);
    }

    // H steps of the prior from every replayed state, with actions of the actor; the result begins with the replayed state (4.3).
    // The gradient passes through the dynamics into the actions, and into no parameter of the world model.
    private Dream Imagine(Actor actor, ReplayedSteps data, LatentStates states)
    {
        using var frozen = model.World.Freeze();
        using var still = WithoutDynamics();
        var (rssm, latent, horizon) = (model.Rssm, model.Latent, options.ImaginationHorizon);
        var (deter, stoch) = (Starts(states.Deter, data), Starts(states.Stoch, data));
        var weights = rssm.Prepare();
        var (features, actions) = (new Tensor[horizon + 1], new Tensor[horizon]);
        features[0] = cat([stoch, deter], 1);
        var rows = deter.shape[0];
        for (var h = 0; h < horizon; h++)
        {
            actions[h] = actor.Sample(actor.Apply(features[h].detach()), actor.Noise(rows, noise, device, dtype));
            deter = rssm.Core(weights, deter, stoch, rssm.ActionInput(weights, actions[h]));
            stoch = latent.Sample(rssm.Prior(deter), latent.Noise(rows, noise, device, dtype));
            features[h + 1] = cat([stoch, deter], 1);
        }

        var dreamt = stack(features);                                                                        // [H+1, K, F]
        var discount = model.Continue is null
            ? full([horizon + 1, rows], options.Discount, dtype, device)
            // Whether the replayed state was an end is known.
            : cat([Starts(Going(data), data).unsqueeze(0), model.Continue.Apply(dreamt.narrow(0, 1, horizon)).sigmoid()], 0);
        return new Dream(dreamt, stack(actions), discount);
    }

    // V_lambda (eq. 4) in the alignment of spec 0.1 with the values of the slow critic, and the weight of each state: the discounts on
    // the way to it.
    private DreamReturns Returns(Behaviour behaviour, string label, Dream dream, Func<Dream, Tensor> reward, LossBook book)
    {
        using var frozen = model.World.Freeze();
        using var still = WithoutDynamics();
        var horizon = options.ImaginationHorizon;
        var rewards = reward(dream);
        var value = behaviour.SlowValue.Apply(dream.Features);                                               // [H+1, K]
        var target = LambdaReturn.Arriving(
            rewards.narrow(0, 0, horizon), dream.Discount.narrow(0, 0, horizon), value.narrow(0, 0, horizon), value.select(0, horizon), options.Lambda);
        var weight = cat([ones_like(value.narrow(0, 0, 1)), dream.Discount.narrow(0, 0, horizon - 1)], 0).detach().cumprod(0);
        book.Record($"{label}rew", () => rewards.mean());
        book.Record($"{label}val", () => value.mean());
        book.Record($"{label}ret", () => target.mean());
        book.Record($"{label}ret_min", () => target.min());
        book.Record($"{label}ret_max", () => target.max());
        book.Record($"{label}weight", () => weight.mean());
        return new DreamReturns(target, value, weight);
    }

    // Eq. 6: -ln pi(a_t | z_t) sg(V_lambda - v(z_t)), -V_lambda through the dynamics, or a mix; and the entropy. The action chosen at z_t
    // is judged by the return on arriving at z_{t+1}.
    private void ActorLoss(Actor actor, string label, Dream dream, DreamReturns returns, LossBook book)
    {
        var count = options.ImaginationHorizon - 1;
        var (logProbability, entropy) = actor.Score(
            actor.Apply(dream.Features.narrow(0, 0, count).detach()), dream.Actions.narrow(0, 0, count).detach());
        var target = returns.Target.narrow(0, 1, count);
        var advantage = (target - returns.Value.narrow(0, 0, count)).detach();
        var objective = gradient switch
        {
            ActorGradient.Reinforce => logProbability * advantage,
            ActorGradient.Dynamics => target,
            _ => target * options.DynamicsShare + logProbability * advantage * (1 - options.DynamicsShare),
        };
        book.Add($"{label}policy", 1, -(returns.Weight.narrow(0, 0, count) * (objective + entropy * options.EntropyScale)));
        book.Record($"{label}adv", () => advantage.mean());
        book.Record($"{label}ent/action", () => entropy.mean());
    }

    // Eq. 5: half the squared distance to the returns, which are held still.
    private void CriticLoss(ScalarHead critic, string label, Dream dream, DreamReturns returns, LossBook book)
    {
        var value = critic.Apply(dream.Features.narrow(0, 0, options.ImaginationHorizon).detach());
        book.Add($"{label}value", 1, returns.Weight * ScalarHead.Loss(value, returns.Target.detach()));
    }

    // Plan2Explore: the second actor's reward (4.6).
    private Tensor Novelty(Ensemble ensemble, Dream dream)
    {
        var disagreement = ensemble.Disagreement(dream.Features, dream.Actions) * options.Plan2Explore.DisagreementScale;
        return options.Plan2Explore.RewardScale == 0
            ? disagreement
            : disagreement + model.Reward.Apply(dream.Features) * options.Plan2Explore.RewardScale;
    }

    // The targets come from a copy of the critic that is renewed now and then (4.3).
    private void FollowCritic(Behaviour behaviour)
    {
        if ((Updates - 1) % options.SlowValueUpdates == 0)
        {
            using var noGrad = no_grad();
            behaviour.SlowSet.Flat.copy_(behaviour.ValueSet.Flat);
        }
    }

    // Reinforce needs no way back through the dream.
    private IDisposable? WithoutDynamics() => gradient == ActorGradient.Reinforce ? no_grad() : null;

    // gamma (1 - terminal) [N]: the target of the continue head, so that imagination needs no other discount.
    private Tensor Going(ReplayedSteps data) => (1 - data.Terminal) * options.Discount;

    // [N, ...] -> [K, ...]: the last steps of each window, without a gradient.
    private Tensor Starts(Tensor states, ReplayedSteps data)
    {
        var used = options.ImaginedStarts == 0 ? data.Steps : Math.Min(options.ImaginedStarts, data.Steps);
        return states.detach().narrow(0, (data.Steps - used) * data.Rows, used * data.Rows);
    }

    private static Tensor? Centred(Tensor? images) => images is null ? null : images / 255 - 0.5;

    private ReplayedSteps Load(Batch batch) =>
        ReplayedSteps.Load(batch, schema, model.Layout, BatchSize, BatchLength, device, dtype);

    /// <summary>Before the first update: random actions, which fill the replay (4.5).</summary>
    public PolicyBlob ExportPolicy(long version)
    {
        if (Updates == 0)
        {
            return RandomPolicy.Blob(spec, version);
        }

        var exploration = options.Plan2Explore;
        var sizes = new DreamerV2Sizes
        {
            Deter = options.Deter,
            Stoch = options.Stoch,
            Classes = options.Classes,
            Hidden = options.Hidden,
            Depth = options.Depth,
            VectorUnits = options.VectorUnits,
            VectorLayers = options.VectorLayers,
            Units = options.Units,
            ActorLayers = options.ActorLayers,
            LayerNorm = options.LayerNorm,
            HasExplorer = exploration.Enabled,
            Explores = exploration.Enabled && (exploration.Updates == 0 || Updates < exploration.Updates),
        };
        ParameterSet?[] used = [model.World, model.Task.ActorSet, model.Explorer?.ActorSet];
        return PolicyExport.Build(DreamerV2Format.Policy.Builder(spec, sizes), version, [.. used.OfType<ParameterSet>()]);
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
        var data = Load(batch);
        var tokens = model.Encoder.Apply(data.Vectors, Centred(data.Images));
        var states = Observe(data, tokens, observed: data.Steps / 2);
        var dream = Imagine(model.Task.Actor, data, Observe(data, tokens)).Features;                                       // [L, K, F]
        var last = dream.narrow(1, dream.shape[1] - data.Rows, Math.Min(DreamPicture.Dreams, data.Rows)).flatten(0, 1);
        Tensor Drawn(Tensor feature) => (model.Decoder.Images(feature) + 0.5).clamp(0, 1);
        return
        [
            .. OpenLoopPicture.Draw(model.Layout, data.Steps, data.Rows, data.Images! / 255, Drawn(states.Feature)),
            .. DreamPicture.Draw(model.Layout, dream.shape[0], Drawn(last)),
        ];
    }

    public void Save(CheckpointWriter checkpoint) => AgentState.Save(checkpoint, AgentFactory.DreamerV2, Updates, seed, Saved());

    public void Load(CheckpointReader checkpoint)
    {
        (var updates, seed) = AgentState.Load(checkpoint, Saved());
        sets.ForEach(set => set.Set.Optimiser.Updates = updates);
    }

    private IEnumerable<(string Name, Tensor Tensor)> Saved() => sets.SelectMany(set => set.Set.Saved()).Concat(
        from set in SlowSets
        from parameter in set.Parameters
        select ($"slow/{parameter.Name}", ParameterSet.View(set.Flat, parameter)));

    private IEnumerable<ParameterSet> SlowSets => new[] { model.Task, model.Explorer }.OfType<Behaviour>().Select(behaviour => behaviour.SlowSet);

    public void Dispose()
    {
        sets.ForEach(set => set.Set.Dispose());
        foreach (var set in SlowSets)
        {
            set.Dispose();
        }

        noise.Dispose();
    }

    private void Own(string label, Behaviour behaviour)
    {
        Own($"{label}actor", behaviour.ActorSet, options.ActorOptimiser);
        Own($"{label}value", behaviour.ValueSet, options.ValueOptimiser);
        using var scope = NewDisposeScope();
        behaviour.SlowSet.Allocate(device, dtype, seed, trainable: false);
        behaviour.SlowSet.Flat.copy_(behaviour.ValueSet.Flat);
    }

    // Each set begins with weights of its own.
    private void Own(string name, ParameterSet parameters, AdamOptions optimiser) =>
        sets.Add((name, new TrainedSet(parameters, optimiser, device, dtype, seed + (ulong)sets.Count)));

    /// <param name="Features">[H+1, K, F], the first the replayed state's.</param>
    /// <param name="Actions">[H, K, A] chosen at each but the last.</param>
    /// <param name="Discount">[H+1, K] of what follows each state.</param>
    private readonly record struct Dream(Tensor Features, Tensor Actions, Tensor Discount);

    /// <param name="Target">[H, K] lambda-returns, with gradient where the actor learns through the dynamics.</param>
    /// <param name="Value">[H+1, K] of the slow critic.</param>
    /// <param name="Weight">[H, K]</param>
    private readonly record struct DreamReturns(Tensor Target, Tensor Value, Tensor Weight);
}
