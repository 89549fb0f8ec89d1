using System.Runtime.InteropServices;
using Dreamer.Agents.Distributions;
using Dreamer.Agents.DreamerV1;
using Dreamer.Agents.Nets;
using Dreamer.Agents.Optimisers;
using Dreamer.Agents.PlaNet;
using Dreamer.Agents.Tests.Support;
using Dreamer.Experience;
using Dreamer.Policies;
using Dreamer.Policies.DreamerV1;
using Dreamer.Policies.Numerics;
using Dreamer.Policies.PlaNet;
using Dreamer.Spaces;
using TorchSharp;
using static TorchSharp.torch;

namespace Dreamer.Agents.Tests;

/// <summary>The policies of the generations with normal latents, in managed code, compute what the agents' own networks compute.</summary>
public sealed class GaussianPolicyAgreementTests
{
    private const int Slots = 3;

    [Theory]
    [InlineData("vector")]
    [InlineData("everything")]
    public void DreamerV1ActsAsItsAgentWould(string space)
    {
        using var scope = NewDisposeScope();
        var spec = space == "vector" ? Batches.Vector : Batches.Everything;
        using var agent = new DreamerV1Agent(DreamerV1AgentTests.Debug, spec, CPU, seed: 1);
        for (var update = 0; update < 3; update++)
        {
            agent.Train(Batches.Random(agent, spec, update), metrics: false);
        }

        using var noGrad = no_grad();
        var model = agent.Model;
        Round(model.World, model.Behaviour);
        var policy = (DreamerV1Policy)PolicyFactory.Create(agent.ExportPolicy(1), Slots, seed: 7);
        Follow(spec, policy, policy.Belief, model.Rssm, model.Layout, (vectors, images) => model.Encoder.Apply(vectors, images is null ? null : images / 255 - 0.5), feature =>
        {
            var raw = model.Actor.Apply(feature);
            if (spec.Action.Kind == ActionKind.Continuous)
            {
                var halves = raw.chunk(2, -1);
                var bounded = TanhNormal.FromRaw(halves[0], halves[1]);
                raw = cat([bounded.Mean, bounded.Std], 1);
            }

            Tensors.Near(Numbers(policy.Distribution, 0, policy.Distribution.Width), raw.view(-1), 1e-4);
        });
    }

    [Theory]
    [InlineData("vector")]
    [InlineData("everything")]
    public void PlaNetActsAsItsAgentWould(string space)
    {
        using var scope = NewDisposeScope();
        var spec = space == "vector" ? PlaNetAgentTests.Vector : Batches.Everything;
        using var agent = Trained(spec);
        using var noGrad = no_grad();
        var model = agent.Model;
        Round(model.Parameters);
        var policy = (PlaNetPolicy)PolicyFactory.Create(agent.ExportPolicy(1), Slots, seed: 7);
        // The policy takes the middle of the noise that stands for the bits left out.
        Follow(spec, policy, policy.Belief, model.Rssm, model.Layout,
            (vectors, images) => model.Encoder.Apply(vectors, images is null ? null : ((images / 8).floor() + 0.5) / 32 - 0.5), _ => { });
    }

    [Fact]
    public void ThePlannersScoresAreTheRewardsThatTheModelImagines()
    {
        using var scope = NewDisposeScope();
        using var agent = Trained(PlaNetAgentTests.Vector);
        using var noGrad = no_grad();
        var (model, options) = (agent.Model, PlaNetAgentTests.Debug);
        Round(model.Parameters);
        var policy = (PlaNetPolicy)PolicyFactory.Create(agent.ExportPolicy(1), slots: 1, seed: 7);
        var random = new Random(3);
        const int plans = 40;
        float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() * 2 - 1))];
        var (start, actions) = (Numbers(options.Stoch + options.Deter), Numbers(plans * options.Planner.Horizon * 2));
        var scores = policy.Planner.Score(start, actions);

        // The planner's random numbers: its seed is the policy's plus one, a stream per row, a draw per step.
        var features = tensor(start).view(1, -1).expand(plans, -1);
        var (stoch, deter) = (features.narrow(1, 0, options.Stoch), features.narrow(1, options.Stoch, options.Deter));
        var steps = tensor(actions).view(plans, options.Planner.Horizon, 2);
        var weights = model.Rssm.Prepare();
        var expected = zeros(plans);
        for (var step = 0; step < options.Planner.Horizon; step++)
        {
            var noise = new float[plans * options.Stoch];
            for (var row = 0; row < plans; row++)
            {
                CounterRandom.FillNormal(8, (uint)row, (ulong)step, noise.AsSpan(row * options.Stoch, options.Stoch));
            }

            deter = model.Rssm.Core(weights, deter, stoch, model.Rssm.ActionInput(weights, steps.select(1, step)));
            stoch = model.Rssm.Prior(deter).Sample(tensor(noise).view(plans, -1));
            expected += model.Reward.Apply(cat([stoch, deter], 1));
        }

        Tensors.Near([.. scores.Select(score => (double)score)], expected, 1e-4);
    }

    [Fact]
    public void APlanDoesWhatWasRewarded()
    {
        using var scope = NewDisposeScope();
        var spec = PlaNetAgentTests.Vector;
        using var agent = Trained(spec, updates: 150, batch =>
        {
            // What arrives is the first component of the action before.
            var actions = MemoryMarshal.Cast<byte, float>(batch[Schema.Action].AsSpan());
            var rewards = MemoryMarshal.Cast<byte, float>(batch[Schema.Reward].AsSpan());
            for (var step = 1; step < rewards.Length; step++)
            {
                rewards[step] = batch[Schema.IsFirst][step] != 0 ? 0 : actions[(step - 1) * 2];
            }
        });
        var policy = PolicyFactory.Create(agent.ExportPolicy(1), slots: 1, seed: 7, PolicyPurpose.Evaluate);
        var (random, actions) = (new Random(1), new float[2]);
        for (var step = 0; step < 4; step++)
        {
            policy.Act([0], [Steps.Show(spec, random, isFirst: step == 0)], actions);
            Assert.InRange(actions[0], 0.5, 1);
        }
    }

    private static PlaNetAgent Trained(EnvironmentSpec spec, int updates = 3, Action<Batch>? change = null)
    {
        var agent = new PlaNetAgent(PlaNetAgentTests.Debug with { Optimiser = new AdamOptions { LearningRate = 0.01 } }, spec, CPU, seed: 1);
        for (var update = 0; update < updates; update++)
        {
            var batch = Batches.Random(agent, spec, update);
            change?.Invoke(batch);
            agent.Train(batch, metrics: false);
        }

        return agent;
    }

    // Steps the policy, and the agent's networks from the samples and actions that the policy drew.
    private static void Follow(
        EnvironmentSpec spec, IPolicy policy, Policies.Gaussian.GaussianBelief belief, GaussianRssm rssm, Nets.ObservationLayout layout,
        Func<Tensor?, Tensor?, Tensor> encode, Action<Tensor> check)
    {
        var random = new Random(5);
        var stochWidth = belief.Normal.Width / 2;
        var (deter, stoch) = (zeros(Slots, rssm.Feature - stochWidth), zeros(Slots, stochWidth));
        var (action, actions) = (zeros(Slots, spec.Action.Size), new float[Slots * spec.Action.Size]);
        var weights = rssm.Prepare();
        for (var step = 0; step < 4; step++)
        {
            var shown = Enumerable.Range(0, Slots).Select(_ => Steps.Show(spec, random, isFirst: step == 0)).ToArray();
            policy.Act([0, 1, 2], shown, actions);

            var (vectors, images) = layout.Join((tensor, type) => Steps.Column(spec, shown, tensor, type), Slots, float32);
            deter = rssm.Core(weights, deter, stoch, rssm.ActionInput(weights, action));
            var normal = rssm.Posterior(weights, deter, rssm.TokenInput(weights, encode(vectors, images)));
            Tensors.Near(Numbers(belief.Features, stochWidth, (int)deter.shape[1]), deter.reshape(-1), 2e-5);
            Tensors.Near(Numbers(belief.Normal, 0, stochWidth), normal.Mean.reshape(-1), 1e-4);
            Tensors.Near([.. Numbers(belief.Normal, stochWidth, stochWidth).Select(raw => Math.Log(1 + Math.Exp(raw)) + 0.1)], normal.Std.reshape(-1), 1e-4);

            stoch = tensor(Numbers(belief.Features, 0, stochWidth)).to(float32).view(Slots, -1);
            check(cat([stoch, deter], 1));
            action = tensor(actions).view(Slots, -1);
        }
    }

    // The same rounding on both sides leaves only the arithmetic to differ.
    private static void Round(params ReadOnlySpan<ParameterSet> sets)
    {
        foreach (var set in sets)
        {
            set.Flat.copy_(set.Flat.to(bfloat16).to(float32));
        }
    }

    private static double[] Numbers(RowBuffer rows, int first, int count) =>
        [.. Enumerable.Range(0, Slots).SelectMany(row => rows.Row(row).Slice(first, count).ToArray()).Select(value => (double)value)];
}
