using Dreamer.Agents.Distributions;
using Dreamer.Agents.DreamerV3;
using Dreamer.Agents.Optimisers;
using Dreamer.Agents.Tests.Support;
using Dreamer.Policies;
using Dreamer.Policies.DreamerV3;
using Dreamer.Spaces;
using static TorchSharp.torch;

namespace Dreamer.Agents.Tests;

/// <summary>The policy that actors run in managed code computes what the agent's own networks compute, up to bfloat16 weights.</summary>
public sealed class PolicyAgreementTests
{
    private const int Slots = 3;

    [Theory]
    [InlineData("vector", 1)]
    [InlineData("vector", 4)]
    [InlineData("everything", 4)]
    public void TheManagedPolicyFollowsTheAgent(string space, int blocks)
    {
        using var scope = NewDisposeScope();
        var spec = space == "vector" ? Batches.Vector : Batches.Everything;
        var options = Sizes.Debug with
        {
            Deter = 16,
            Hidden = 12,
            Blocks = blocks,
            PolicyLayers = 3,
            EncoderLayers = 2,
            Optimiser = new LaPropOptions { WarmupUpdates = 0, LearningRate = 0.02 },
        };
        using var agent = new DreamerV3Agent(options, spec, CPU, seed: 1);
        for (var update = 0; update < 5; update++)
        {
            agent.Train(Batches.Random(agent, spec, update), metrics: false);
        }

        using var noGrad = no_grad();

        // The same rounding on both sides leaves only the arithmetic to differ.
        foreach (var parameter in agent.Model.Parameters.Parameters)
        {
            parameter.Value.copy_(parameter.Value.to(bfloat16).to(float32));
        }

        var policy = (DreamerV3Policy)PolicyFactory.Create(agent.ExportPolicy(1), Slots, seed: 7);
        var random = new Random(5);
        var (deter, stoch, action) = (zeros(Slots, 16), zeros(Slots, 8), zeros(Slots, spec.Action.Size));
        for (var step = 0; step < 4; step++)
        {
            var shown = Enumerable.Range(0, Slots).Select(_ => Steps.Show(spec, random, isFirst: step == 0)).ToArray();
            var noise = Enumerable.Range(0, Slots * policy.NoiseSize).Select(_ => random.NextSingle()).ToArray();
            var trace = policy.Evaluate([0, 1, 2], shown, noise);

            var (vectors, images) = TrainingInputs.Observations(
                agent.Model.Layout, (tensor, type) => Steps.Column(spec, shown, tensor, type), Slots, float32);
            var rssm = agent.Model.Rssm;
            var weights = rssm.Prepare();
            deter = rssm.Core(weights, deter, stoch, rssm.ActionInput(weights, action));
            var logits = rssm.Posterior(weights, deter, rssm.TokenInput(weights, agent.Model.Encoder.Apply(vectors, images)));
            Tensors.Near(Numbers(trace.Deter), deter.view(-1), 2e-5);
            Tensors.Near(Numbers(trace.PosteriorLogits), logits.view(-1), 1e-4);

            // Go on from the state and action that the policy drew.
            stoch = nn.functional.one_hot(tensor(trace.Stoch).view(Slots, -1).to(int64), options.Classes).to(float32).view(Slots, -1);
            action = tensor(trace.Actions).view(Slots, -1);
            var raw = agent.Model.Policy.Apply(cat([deter, stoch], 1));
            if (raw.Length == 2)
            {
                var normal = BoundedNormal.FromRaw(raw[0], raw[1]);
                raw = [cat([normal.Mean, normal.Std], 1)];
            }

            Tensors.Near(Numbers(trace.Distribution), raw[0].reshape(-1), 1e-4);
        }
    }

    private static double[] Numbers(float[] values) => [.. values.Select(value => (double)value)];
}
