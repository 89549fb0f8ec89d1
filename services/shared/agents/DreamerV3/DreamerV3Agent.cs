using System.Collections.Immutable;
using Dreamer.Agents.Checkpoints;
using Dreamer.Agents.Distributions;
using Dreamer.Agents.Nets;
using Dreamer.Agents.Optimisers;
using Dreamer.Experience;
using Dreamer.Policies;
using Dreamer.Policies.DreamerV3;
using Dreamer.Spaces;
using TorchSharp;
using static TorchSharp.torch;

namespace Dreamer.Agents.DreamerV3;

/// <summary>
/// DreamerV3 (Hafner et al., Nature 2025). The learning rule reads top to bottom in <see cref="Train"/>; section numbers
/// refer to the specification of the lineage.
/// Shapes: B batch, T time, N = T*B, K states that dreams start from, H imagined steps, D deter, S stoch, C classes, F = D + S*C, A action.
/// </summary>
public sealed class DreamerV3Agent : IAgent
{
    private readonly DreamerV3Options options;
    private readonly EnvironmentSpec spec;
    private readonly Schema schema;
    private readonly DreamerV3Model model;
    private readonly Device device;
    private readonly ScalarType dtype;
    private ulong seed;
    private readonly LaProp optimiser;
    private readonly PercentileNormaliser returnScale;
    private readonly TwoHot twoHot;
    private readonly Generator noise;

    /// <param name="seed">Decides the initial weights and all sampling: update n draws from a generator seeded with (seed, n).</param>
    /// <param name="dtype">Element type of weights and arithmetic; float32 unless a test asks for more.</param>
    public DreamerV3Agent(DreamerV3Options options, EnvironmentSpec spec, Device device, ulong seed, ScalarType dtype = ScalarType.Float32)
    {
        (this.options, this.spec, this.device, this.seed, this.dtype) = (options, spec, device, seed, dtype);
        model = new DreamerV3Model(options, spec);
        model.Parameters.Allocate(device, dtype, seed, trainable: true);
        model.SlowParameters.Allocate(device, dtype, seed, trainable: false);
        model.SlowParameters.Flat.copy_(model.Parameters.Segment(model.Parameters.Flat, "val").detach());
        optimiser = new LaProp(model.Parameters, options.Optimiser);
        returnScale = new PercentileNormaliser(options.PercentileRate, options.PercentileLow, options.PercentileHigh, device, dtype);
        twoHot = new TwoHot(options.Bins, device, dtype);
        noise = new Generator(seed, device);
        RecordedState =
        [
            new TensorSpec("deter", DType.BFloat16, options.Deter),
            new TensorSpec("stoch", DType.UInt8, options.Stoch),
        ];
        schema = Schema.For(spec, RecordedState);
    }

    public int BatchSize => options.BatchSize;

    public int BatchLength => options.BatchLength;

    public int Context => 1;

    public ImmutableArray<TensorSpec> RecordedState { get; }

    public long Updates => optimiser.Updates;

    public bool TellsPriorities => true;

    public IReadOnlyDictionary<string, long> ParameterCounts => model.Parameters.CountPerModule();

    internal DreamerV3Model Model => model;

    // How many steps of each window are dreamt from, counted from its end.
    private int ImaginedStarts => options.ImaginedStarts == 0 ? BatchLength : Math.Min(options.ImaginedStarts, BatchLength);

    /// <summary>Elements per module for any options and spaces; allocates nothing.</summary>
    public static IReadOnlyDictionary<string, long> Describe(DreamerV3Options options, EnvironmentSpec spec) =>
        new DreamerV3Model(options, spec).Parameters.CountPerModule();

    public TrainResult Train(Batch batch, bool metrics)
    {
        using var scope = NewDisposeScope();
        noise.manual_seed(UpdateSeed.Of(seed, Updates));
        var book = new LossBook(metrics);
        var data = TrainingInputs.Load(batch, schema, model.Layout, model.Sizes, BatchSize, BatchLength, device, dtype);

        var posterior = Observe(data);
        var surprise = WorldModelLoss(data, posterior, book);
        var starts = posterior.LastSteps(ImaginedStarts * data.Rows);
        var dream = Imagine(starts.Deter.detach(), starts.Stoch.detach());
        var valueLogits = model.Value.Apply(dream.Features);                                                 // [H+1, K, bins]
        var returns = Returns(dream, valueLogits.detach(), book);
        ActorLoss(dream, returns, book);
        CriticLoss(valueLogits, returns, book);
        ReplayValueLoss(data, starts, returns, book);

        var loss = book.Total();
        loss.backward();
        book.Record("opt/loss", loss);
        book.Record("opt/grad_norm", () => model.Parameters.Gradient.norm());
        optimiser.Step();
        FollowValue();
        book.Record("opt/update_rms", optimiser.UpdateRms);
        book.Record("opt/param_norm", () => model.Parameters.Flat.norm());
        return new TrainResult(book.Read(), RecordState(posterior, data), Priorities(surprise, data));
    }

    // Encoder and posterior over the replayed steps (5.2, 5.3). The tokens' and the actions' shares of the recurrent
    // layers do not depend on the state, so they are computed for all steps before the scan.
    // Where `observed` ends before the sequence does, the rest follows the prior: an open-loop prediction.
    private Posterior Observe(TrainingInputs data, int observed = int.MaxValue)
    {
        var (steps, rows, rssm) = (data.Steps, data.Rows, model.Rssm);
        var weights = rssm.Prepare();
        var tokens = model.Encoder.Apply(data.Vectors, data.Images);                                         // [N, E]
        var tokenInput = rssm.TokenInput(weights, tokens).view(steps, rows, -1).unbind();
        var actionInput = rssm.ActionInput(weights, data.PreviousAction).view(steps, rows, -1).unbind();
        var keep = data.Keep.unbind();
        var uniform = empty([steps, rows, options.Stoch, 1], dtype, device).uniform_(0, 1, noise).unbind();

        var (deter, stoch) = (data.Deter, data.Stoch);
        var (deters, stochs, logits) = (new Tensor[steps], new Tensor[steps], new Tensor[steps]);
        for (var t = 0; t < steps; t++)
        {
            if (data.HasFirst[t])
            {
                (deter, stoch) = (deter * keep[t], stoch * keep[t]);
            }

            deters[t] = deter = rssm.Core(weights, deter, stoch, actionInput[t]);
            logits[t] = t < observed ? rssm.Posterior(weights, deter, tokenInput[t]) : rssm.Prior(deter);
            stochs[t] = stoch = rssm.Sample(logits[t], uniform[t]);
        }

        var allDeter = cat(deters, 0);
        var allStoch = cat(stochs, 0);
        return new Posterior(tokens, allDeter, allStoch, cat([allDeter, allStoch], 1), cat(logits, 0));
    }

    // Reconstruction or what replaces it (11), reward, continuation and the two KL terms (5.4); every term is a mean over B and T.
    // Returns the scaled sum of each step's own terms, [N]: what the step is worth replaying (6.1).
    private Tensor WorldModelLoss(TrainingInputs data, Posterior posterior, LossBook book)
    {
        var (feature, unimix) = (posterior.Feature, options.Unimix);
        var surprise = zeros_like(data.Reward.view(-1));
        void Add(string name, double scale, Tensor loss)
        {
            book.Add(name, scale, loss);
            surprise.add_(loss.detach(), scale);
        }

        foreach (var (key, loss) in model.Decoder?.Losses(posterior.Deter, posterior.Stoch, feature, data.Vectors, data.Images) ?? [])
        {
            Add(key, options.ReconstructionScale, loss);
        }

        if (model.Redundancy is { } redundancy)
        {
            book.Add("r2", options.R2Scale, redundancy.Loss(feature, posterior.Tokens));
        }

        Add("rew", options.RewardScale, twoHot.Loss(model.Reward.Apply(feature), data.Reward.view(-1)));

        // The continue head learns discount * (1 - terminal), so imagination needs no other discount.
        var goesOn = (1 - data.Terminal.view(-1)) * options.Discount;
        Add("con", options.ContinueScale,
            nn.functional.binary_cross_entropy_with_logits(model.Continue.Apply(feature), goesOn, reduction: nn.Reduction.None));

        // KL balancing with free nats: the floor applies to each step, after summing over the S variables.
        var prior = model.Rssm.Prior(posterior.Deter);                                                       // [N, S, C]
        var dyn = OneHot.Divergence(posterior.Logits.detach(), prior, unimix);
        var rep = OneHot.Divergence(posterior.Logits, prior.detach(), unimix);
        Add("dyn", options.DynScale, dyn.clamp_min(options.FreeNats));
        Add("rep", options.RepScale, rep.clamp_min(options.FreeNats));
        book.Record("dyn/kl", () => dyn.mean());
        book.Record("dyn/ent", () => OneHot.Entropy(prior, unimix).sum(-1).mean());
        book.Record("rep/ent", () => OneHot.Entropy(posterior.Logits, unimix).sum(-1).mean());
        return surprise;
    }

    // H steps of the prior from every replayed state, with sampled actions and no gradients (5.5).
    private Dream Imagine(Tensor deter, Tensor stoch)
    {
        using var noGrad = no_grad();
        var (rssm, policy, horizon, rows) = (model.Rssm, model.Policy, options.ImaginationHorizon, deter.shape[0]);
        var weights = rssm.Prepare();
        var (features, actions) = (new Tensor[horizon + 1], new Tensor[horizon]);
        features[0] = cat([deter, stoch], 1);
        for (var h = 0; h < horizon; h++)
        {
            using var step = NewDisposeScope();
            var action = policy.Sample(policy.Apply(features[h]), policy.Noise(rows, noise, device, dtype));
            deter = rssm.Core(weights, deter, stoch, rssm.ActionInput(weights, action));
            stoch = rssm.Sample(rssm.Prior(deter), empty([rows, options.Stoch, 1], dtype, device).uniform_(0, 1, noise));
            features[h + 1] = cat([deter, stoch], 1);
            step.MoveToOuter(action, deter, stoch);
            step.MoveToOuter(features[h + 1]);
            actions[h] = action;
        }

        return new Dream(stack(features), stack(actions));
    }

    // Rewards, continuations and values of the dream, and lambda-returns with their scale (5.5).
    private DreamReturns Returns(Dream dream, Tensor valueLogits, LossBook book)
    {
        using var noGrad = no_grad();
        var reward = twoHot.Mean(model.Reward.Apply(dream.Features));                                        // [H+1, K]
        var going = model.Continue.Apply(dream.Features).sigmoid();
        var value = twoHot.Mean(valueLogits);
        var slow = twoHot.Mean(model.SlowValue.Apply(dream.Features));
        var weight = going.cumprod(0).narrow(0, 0, options.ImaginationHorizon);
        var target = LambdaReturn.Imagined(reward, going, value, options.Lambda);                            // [H, K]
        returnScale.Update(target);
        var advantage = (target - value.narrow(0, 0, options.ImaginationHorizon)) / returnScale.Scale();

        book.Record("rew", reward.mean);
        book.Record("con", going.mean);
        book.Record("ret", target.mean);
        book.Record("ret_min", target.min);
        book.Record("ret_max", target.max);
        book.Record("ret_scale", returnScale.Scale);
        book.Record("val", value.mean);
        book.Record("slowval", slow.mean);
        book.Record("weight", weight.mean);
        book.Record("adv", advantage.mean);
        book.Record("adv_mag", () => advantage.abs().mean());
        return new DreamReturns(target, advantage, weight, slow);
    }

    // REINFORCE for both kinds of action, with entropy (5.5).
    private void ActorLoss(Dream dream, DreamReturns returns, LossBook book)
    {
        var raw = model.Policy.Apply(dream.Features.narrow(0, 0, options.ImaginationHorizon));
        var (logProbability, entropy) = model.Policy.Score(raw, dream.Actions);                              // [H, K]
        book.Add("policy", options.PolicyScale, -returns.Weight * (logProbability * returns.Advantage + entropy * options.EntropyScale));
        book.Record("ent/action", entropy.mean);
    }

    // The value learns the returns, and stays near its slow copy (5.5).
    private void CriticLoss(Tensor valueLogits, DreamReturns returns, LossBook book)
    {
        var horizon = options.ImaginationHorizon;
        var loss = ValueLoss(valueLogits.narrow(0, 0, horizon), returns.Target, returns.Slow.narrow(0, 0, horizon));
        book.Add("value", options.ValueScale, returns.Weight * loss);
    }

    // The same on replayed steps with real rewards; its gradients also shape the world model (5.5).
    private void ReplayValueLoss(TrainingInputs data, Posterior starts, DreamReturns returns, LossBook book)
    {
        var (steps, rows) = (ImaginedStarts, data.Rows);
        Tensor Recent(Tensor x) => x.narrow(0, data.Steps - steps, steps);

        var bootstrap = returns.Target.select(0, 0).view(steps, rows);
        var target = LambdaReturn.Replayed(
            Recent(data.Reward), Recent(data.Last), Recent(data.Terminal), bootstrap, options.Discount, options.Lambda);
        var logits = model.Value.Apply(starts.Feature.narrow(0, 0, (steps - 1) * rows)).view(steps - 1, rows, -1);
        var slow = returns.Slow.select(0, 0).view(steps, rows).narrow(0, 0, steps - 1);
        var within = 1 - Recent(data.Last).narrow(0, 0, steps - 1);
        book.Add("repval", options.ReplayValueScale, within * ValueLoss(logits, target, slow));
    }

    private Tensor ValueLoss(Tensor logits, Tensor target, Tensor slow) => options.SlowValueScale == 1
        ? twoHot.Loss(logits, target, slow)
        : twoHot.Loss(logits, target) + twoHot.Loss(logits, slow) * options.SlowValueScale;

    private void FollowValue()
    {
        using var noGrad = no_grad();
        var value = model.Parameters.Segment(model.Parameters.Flat, "val");
        model.SlowParameters.Flat.mul_(1 - options.SlowValueRate).add_(value, options.SlowValueRate);
    }

    // [N, ...] time first -> [B, T, ...] bytes in the form of RecordedState.
    private static byte[][] RecordState(Posterior posterior, TrainingInputs data)
    {
        byte[] Bytes(Tensor x, ScalarType type) =>
            x.to(type).view(data.Steps, data.Rows, -1).transpose(0, 1).contiguous().cpu().bytes.ToArray();

        using var noGrad = no_grad();
        var classes = posterior.Stoch.view(posterior.Logits.shape).argmax(-1);
        return [Bytes(posterior.Deter.detach(), bfloat16), Bytes(classes, uint8)];
    }

    // [N] time first -> [B, T].
    private static float[] Priorities(Tensor surprise, TrainingInputs data)
    {
        using var noGrad = no_grad();
        return surprise.view(data.Steps, data.Rows).transpose(0, 1).to(float32).contiguous().cpu().data<float>().ToArray();
    }

    public PolicyBlob ExportPolicy(long version)
    {
        var sizes = new DreamerV3Sizes
        {
            Deter = options.Deter,
            Hidden = options.Hidden,
            Stoch = options.Stoch,
            Classes = options.Classes,
            Blocks = options.Blocks,
            Units = options.Units,
            Depth = options.Depth,
            EncoderLayers = options.EncoderLayers,
            PolicyLayers = options.PolicyLayers,
            Unimix = (float)options.Unimix,
        };
        return PolicyExport.Build(DreamerV3Format.Policy.Builder(spec, sizes), version, model.Parameters);
    }

    public IReadOnlyList<ReportImage> Report(Batch batch)
    {
        if (model.Decoder is not { } decoder || model.Layout.Images.Length == 0)
        {
            return [];
        }

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        noise.manual_seed(UpdateSeed.Of(seed, Updates));
        var data = TrainingInputs.Load(batch, schema, model.Layout, model.Sizes, BatchSize, BatchLength, device, dtype);
        var states = Observe(data, observed: data.Steps / 2);
        var last = Observe(data).LastSteps(data.Rows);
        var dreams = Math.Min(DreamPicture.Dreams, data.Rows);
        var dream = Imagine(last.Deter.narrow(0, 0, dreams), last.Stoch.narrow(0, 0, dreams)).Features.flatten(0, 1);  // [(H+1)*d, F]
        var imagined = decoder.Images(dream.narrow(1, 0, options.Deter), dream.narrow(1, options.Deter, dream.shape[1] - options.Deter));
        return
        [
            .. OpenLoopPicture.Draw(model.Layout, data.Steps, data.Rows, data.Images!, decoder.Images(states.Deter, states.Stoch)),
            .. DreamPicture.Draw(model.Layout, options.ImaginationHorizon + 1, imagined),
        ];
    }

    public void Save(CheckpointWriter checkpoint) => AgentState.Save(checkpoint, AgentFactory.DreamerV3, Updates, seed, SavedTensors());

    public void Load(CheckpointReader checkpoint) => (optimiser.Updates, seed) = AgentState.Load(checkpoint, SavedTensors());

    // Everything that changes from update to update; the random numbers follow from seed and update.
    private IEnumerable<(string Name, Tensor Tensor)> SavedTensors()
    {
        foreach (var parameter in model.Parameters.Parameters)
        {
            yield return ($"param/{parameter.Name}", ParameterSet.View(model.Parameters.Flat, parameter));
            yield return ($"momentum/{parameter.Name}", ParameterSet.View(optimiser.Momentum, parameter));
            yield return ($"mean_square/{parameter.Name}", ParameterSet.View(optimiser.MeanSquare, parameter));
        }

        foreach (var parameter in model.SlowParameters.Parameters)
        {
            yield return ($"slow/{parameter.Name}", ParameterSet.View(model.SlowParameters.Flat, parameter));
        }

        yield return ("return_range", returnScale.Range);
    }

    public void Dispose()
    {
        optimiser.Dispose();
        returnScale.Dispose();
        twoHot.Dispose();
        noise.Dispose();
        model.Parameters.Dispose();
        model.SlowParameters.Dispose();
    }

    /// <summary>States of the replayed steps, time first.</summary>
    /// <param name="Tokens">[N, E] of the encoder.</param>
    /// <param name="Deter">[N, D]</param>
    /// <param name="Stoch">[N, S*C]</param>
    /// <param name="Feature">[N, F]</param>
    /// <param name="Logits">[N, S, C]</param>
    private readonly record struct Posterior(Tensor Tokens, Tensor Deter, Tensor Stoch, Tensor Feature, Tensor Logits)
    {
        /// <summary>The last <paramref name="count"/> rows, which are the last steps.</summary>
        public Posterior LastSteps(long count)
        {
            Tensor Last(Tensor x) => x.narrow(0, x.shape[0] - count, count);
            return new(Last(Tokens), Last(Deter), Last(Stoch), Last(Feature), Last(Logits));
        }
    }

    /// <param name="Features">[H+1, K, F], the replayed state first.</param>
    /// <param name="Actions">[H, K, A]</param>
    private readonly record struct Dream(Tensor Features, Tensor Actions);

    /// <param name="Target">[H, K] lambda-returns.</param>
    /// <param name="Advantage">[H, K]</param>
    /// <param name="Weight">[H, K] probability, times discount, of getting there.</param>
    /// <param name="Slow">[H+1, K] slow value.</param>
    private readonly record struct DreamReturns(Tensor Target, Tensor Advantage, Tensor Weight, Tensor Slow);
}
