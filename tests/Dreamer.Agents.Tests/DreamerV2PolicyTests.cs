using Dreamer.Agents.DreamerV2;
using Dreamer.Agents.Nets;
using Dreamer.Agents.Tests.Support;
using Dreamer.Policies;
using Dreamer.Policies.DreamerV2;
using Dreamer.Policies.Numerics;
using Dreamer.Spaces;
using TorchSharp;
using static TorchSharp.torch;

namespace Dreamer.Agents.Tests;

/// <summary>DreamerV2's policy, in managed code, computes what the agent's own networks compute.</summary>
public sealed class DreamerV2PolicyTests
{
    private const int Slots = 3;

    [Theory]
    [InlineData("vector", 4, false)]
    [InlineData("vector", 0, true)]
    [InlineData("everything", 4, true)]
    [InlineData("everything", 0, false)]
    public void ItActsAsItsAgentWould(string space, int classes, bool norm)
    {
        using var scope = NewDisposeScope();
        var spec = space == "vector" ? Batches.Vector : Batches.Everything;
        using var agent = Trained(DreamerV2AgentTests.Debug with { Classes = classes, LayerNorm = norm }, spec);
        using var noGrad = no_grad();
        var model = agent.Model;
        var policy = (DreamerV2Policy)PolicyFactory.Create(agent.ExportPolicy(1), Slots, seed: 7);
        var random = new Random(5);
        var (width, size) = (model.Latent.Width, spec.Action.Size);
        var (deter, stoch) = (zeros(Slots, model.Rssm.Deter), zeros(Slots, width));
        var (action, actions) = (zeros(Slots, size), new float[Slots * size]);
        var weights = model.Rssm.Prepare();
        for (var step = 0; step < 4; step++)
        {
            var shown = Enumerable.Range(0, Slots).Select(_ => Steps.Show(spec, random, isFirst: step == 0)).ToArray();
            policy.Act([0, 1, 2], shown, actions);

            var (vectors, images) = model.Layout.Join((tensor, type) => Steps.Column(spec, shown, tensor, type), Slots, float32);
            deter = model.Rssm.Core(weights, deter, stoch, model.Rssm.ActionInput(weights, action));
            var tokens = model.Encoder.Apply(vectors, images is null ? null : images / 255 - 0.5);
            var posterior = model.Rssm.Posterior(weights, deter, model.Rssm.TokenInput(weights, tokens));
            Tensors.Near(Numbers(policy.Features, width, model.Rssm.Deter), deter.reshape(-1), 2e-5);
            Tensors.Near(Numbers(policy.Posterior, 0, model.Latent.Parameters), posterior.reshape(-1), 1e-4);

            // The state that was drawn; one of each variable's classes.
            stoch = tensor(Numbers(policy.Features, 0, width)).to(float32).view(Slots, -1);
            if (classes > 0)
            {
                Tensors.Near(ones(Slots, width / classes), stoch.view(Slots, -1, classes).sum(-1), 0);
                Tensors.Near(stoch, stoch.square(), 0);
            }

            var raw = model.Task.Actor.Apply(cat([stoch, deter], 1));
            if (spec.Action.Kind == ActionKind.Continuous)
            {
                var halves = raw.chunk(2, -1);
                var normal = Distributions.TruncatedNormal.FromRaw(halves[0], halves[1]);
                raw = cat([normal.Mean, normal.Std], 1);
                Assert.All(actions, value => Assert.InRange(value, -1, 1));
            }

            Tensors.Near(Numbers(policy.Distribution, 0, policy.Distribution.Width), raw.reshape(-1), 1e-4);
            action = tensor(actions).view(Slots, -1);
        }
    }

    [Fact]
    public void ContinuousActionsFollowTheNormalThatIsCutOff()
    {
        using var scope = NewDisposeScope();
        using var agent = Trained(DreamerV2AgentTests.Debug, Batches.Everything);
        using var noGrad = no_grad();
        Set(agent.Model.Task.ActorSet, "actor/out", 1, -1, 0, 2);
        var blob = agent.ExportPolicy(1);
        double[] expected = [Math.Tanh(1), Math.Tanh(-1)];
        var (shown, actions) = (Steps.Show(Batches.Everything, new Random(1), isFirst: true), new float[2]);
        var evaluating = PolicyFactory.Create(blob, slots: 1, seed: 7, PolicyPurpose.Evaluate);
        evaluating.Act([0], [shown], actions);
        Tensors.Near(expected, tensor(actions), 1e-6);

        var collecting = PolicyFactory.Create(blob, slots: 1, seed: 7);
        const int draws = 2000;
        var sums = new double[2];
        for (var draw = 0; draw < draws; draw++)
        {
            collecting.Act([0], [shown], actions);
            (sums[0], sums[1]) = (sums[0] + actions[0], sums[1] + actions[1]);
        }

        // Means by Simpson's rule; the standard error is below 0.6 / sqrt(2000) = 0.013.
        double[] stds = [1.1, 2 / (1 + Math.Exp(-1)) + 0.1];
        for (var i = 0; i < 2; i++)
        {
            double Density(double x) => Math.Exp(-0.5 * Math.Pow((x - expected[i]) / stds[i], 2));
            var mean = Integral(x => x * Density(x)) / Integral(Density);
            Assert.Equal(mean, sums[i] / draws, 0.055);
        }
    }

    [Fact]
    public void TheSecondActorCollectsAndTheTasksIsEvaluated()
    {
        using var scope = NewDisposeScope();
        var options = DreamerV2AgentTests.Debug with { Plan2Explore = DreamerV2AgentTests.Exploring with { Updates = 4 } };
        using var agent = Trained(options, Batches.Vector);
        using (no_grad())
        {
            Set(agent.Model.Task.ActorSet, "actor/out", 50, 0, 0);
            Set(agent.Model.Explorer!.ActorSet, "explorer/out", 0, 0, 50);
        }

        var (shown, actions) = (Steps.Show(Batches.Vector, new Random(1), isFirst: true), new float[3]);
        var blob = agent.ExportPolicy(1);
        var collecting = PolicyFactory.Create(blob, slots: 1, seed: 7);
        collecting.Act([0], [shown], actions);
        Assert.Equal([0, 0, 1], actions);
        PolicyFactory.Create(blob, slots: 1, seed: 7, PolicyPurpose.Evaluate).Act([0], [shown], actions);
        Assert.Equal([1, 0, 0], actions);

        // After as many updates as were asked for, the task's actor collects; the same policy takes the new weights.
        agent.Train(Batches.Random(agent, Batches.Vector, 9), metrics: false);
        PolicyFactory.Renew(collecting, agent.ExportPolicy(2), seed: 7).Act([0], [shown], actions);
        Assert.Equal([1, 0, 0], actions);
    }

    private static DreamerV2Agent Trained(DreamerV2Options options, EnvironmentSpec spec)
    {
        var agent = new DreamerV2Agent(options, spec, CPU, seed: 1);
        for (var update = 0; update < 3; update++)
        {
            agent.Train(Batches.Random(agent, spec, update), metrics: false);
        }

        // The same rounding on both sides leaves only the arithmetic to differ.
        using var noGrad = no_grad();
        foreach (var set in new[] { agent.Model.World, agent.Model.Task.ActorSet })
        {
            set.Flat.copy_(set.Flat.to(bfloat16).to(float32));
        }

        return agent;
    }

    // A layer that answers the same whatever it sees.
    private static void Set(ParameterSet set, string layer, params float[] bias)
    {
        set.Parameters.Single(parameter => parameter.Name == $"{layer}/weight").Value.zero_();
        set.Parameters.Single(parameter => parameter.Name == $"{layer}/bias").Value.copy_(tensor(bias));
    }

    private static double Integral(Func<double, double> function)
    {
        const int steps = 1000;
        return Enumerable.Range(0, steps + 1).Sum(i => function(-1 + 2.0 * i / steps) * (i is 0 or steps ? 1 : i % 2 == 0 ? 2 : 4)) * 2 / steps / 3;
    }

    private static double[] Numbers(RowBuffer rows, int first, int count) =>
        [.. Enumerable.Range(0, Slots).SelectMany(row => rows.Row(row).Slice(first, count).ToArray()).Select(value => (double)value)];
}
