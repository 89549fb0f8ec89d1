using Dreamer.Agents.Nets;
using Dreamer.Agents.Tests.Support;
using Dreamer.Agents.WorldModels;
using Dreamer.Policies;
using Dreamer.Policies.WorldModels;
using Dreamer.Spaces;
using TorchSharp;
using static TorchSharp.torch;

namespace Dreamer.Agents.Tests;

/// <summary>World Models' policy, in managed code, computes what the agent's own networks compute, and tries out every candidate.</summary>
public sealed class WorldModelsPolicyAgreementTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ActionsAreThoseOfTheAgentsNetworks(bool doom)
    {
        using var scope = NewDisposeScope();
        var spec = doom ? WorldModelsAgentTests.TakeCover : WorldModelsAgentTests.Car;
        var options = doom
            ? WorldModelsAgentTests.Doom
            : WorldModelsAgentTests.Debug with { Controller = WorldModelsAgentTests.Debug.Controller with { Sigma = 1, OneSided = 1 } };
        using var agent = Searching(options, spec);
        using var noGrad = no_grad();
        Round(agent.Vision.Parameters, agent.Memory.Parameters);
        // A frame of almost no uncertainty, so that the sample is the mean.
        agent.Vision.Parameters.Parameters.Single(one => one.Name == "enc/log_variance/bias").Value.fill_(-64);
        agent.Vision.Parameters.Parameters.Single(one => one.Name == "enc/log_variance/weight").Value.zero_();
        var policy = (WorldModelsPolicy)PolicyFactory.Create(agent.ExportPolicy(1), slots: 1, seed: 7);
        var (random, step, action) = (new Random(3), new TimeStep(spec), new float[spec.Action.Size]);
        var state = agent.Memory.Blank(1, zeros([1]));
        var dream = new Dream(agent.Memory, options, spec.Action);
        for (var t = 0; t < 12; t++)
        {
            random.NextBytes(step.Observations[0]);
            step.Set(0, isFirst: t is 0 or 7, isLast: t is 6 or 11, isTerminal: false);
            if (step.IsFirst)
            {
                state = agent.Memory.Blank(1, zeros([1]));
            }

            policy.Act([0], [step], action);
            var pixels = tensor(step.Observations[0].Select(value => (float)value).ToArray()).view(1, 64, 64, 3);
            var latent = agent.Vision.Encode(Vision.See(pixels)).Mean;
            Tensors.Near(policy.Moments.Mean.Row(0).ToArray().Select(value => (double)value).ToArray(), latent.view(-1), 1e-4);
            var played = policy.Facts(0).SingleOrDefault(fact => fact.Name == WorldModelsPolicy.CandidateFact, new("none", -1));
            var parameters = played.Value < 0 ? agent.Search.Mean : agent.Search.Ask()[(int)played.Value];
            Tensor seen = cat(options.Controller.CellState ? [latent, state.Cell, state.Hidden] : [latent, state.Hidden], 1);
            var outputs = WorldModelsSizes.Outputs(spec.Action);
            var all = tensor(parameters.Select(value => (float)value).ToArray()).view(-1, outputs);
            var bias = options.Controller.Bias ? 1 : 0;
            var output = (seen.matmul(all.narrow(0, bias, all.shape[0] - bias)) + (bias == 1 ? all.narrow(0, 0, 1) : zeros([1]))).tanh();
            var told = dream.ToldOf(output);
            Tensors.Near(dream.ToldOfAction(tensor(action).view(1, -1)).view(-1).to(float64).data<double>().ToArray(), told.view(-1), 1e-3);
            var first = full([1, 1], step.IsFirst ? 1f : 0f);
            state = agent.Memory.Step(cat(options.PredictEnd ? [latent, told, first] : [latent, told], 1), state);
        }
    }

    [Fact]
    public void EveryEpisodeTriesTheNextCandidate()
    {
        var spec = WorldModelsAgentTests.Car;
        using var agent = Searching(WorldModelsAgentTests.Debug, spec);
        var policy = PolicyFactory.Create(agent.ExportPolicy(1), slots: 2, seed: 7);
        var (step, actions) = (new TimeStep(spec) { IsFirst = true, IsLast = true }, new float[6]);
        var played = new List<int>();
        for (var episode = 0; episode < 6; episode++)
        {
            policy.Act([0, 1], [step, step], actions);
            played.AddRange([Candidate(0), Candidate(1)]);
        }

        Assert.Equal([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5], played.Order());
        var evaluating = PolicyFactory.Create(agent.ExportPolicy(1), slots: 2, seed: 7, PolicyPurpose.Evaluate);
        evaluating.Act([0, 1], [step, step], actions);
        Assert.Empty(evaluating.Facts(0));

        int Candidate(int slot) => (int)policy.Facts(slot).Single(fact => fact.Name == WorldModelsPolicy.CandidateFact).Value;
    }

    [Fact]
    public void BothMembersOfAPairMeetTheEnvironmentOfOneSeed()
    {
        var spec = WorldModelsAgentTests.Car;
        using var agent = Searching(WorldModelsAgentTests.Debug, spec);
        var policy = PolicyFactory.Create(agent.ExportPolicy(1), slots: 2, seed: 7);
        var (first, actions) = (new TimeStep(spec) { IsFirst = true, IsLast = true }, new float[6]);
        var seeds = new Dictionary<ulong, List<int>>();
        for (var episode = 0; episode < 6; episode++)
        {
            ulong[] given = [policy.NextSeed(0)!.Value, policy.NextSeed(1)!.Value];
            policy.Act([0, 1], [first, first], actions);
            for (var slot = 0; slot < 2; slot++)
            {
                var players = seeds.TryGetValue(given[slot], out var known) ? known : seeds[given[slot]] = [];
                players.Add((int)policy.Facts(slot).Single(fact => fact.Name == WorldModelsPolicy.CandidateFact).Value);
            }
        }

        // Six candidates, twice each: three pairs, each time with another seed.
        Assert.Equal(6, seeds.Count);
        Assert.All(seeds.Values, players => Assert.Equal(3, players.Max() - players.Min()));
        Assert.Equal([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5], seeds.Values.SelectMany(players => players).Order());
        Assert.Null(PolicyFactory.Create(agent.ExportPolicy(1), slots: 2, seed: 7, PolicyPurpose.Evaluate).NextSeed(0));
        Assert.NotEqual(policy.NextSeed(0), PolicyFactory.Create(agent.ExportPolicy(1), slots: 2, seed: 8).NextSeed(0));
    }

    [Fact]
    public void RandomNetworksDriveEveryEpisodeInAnotherWay()
    {
        var spec = WorldModelsAgentTests.Car;
        using var agent = new WorldModelsAgent(WorldModelsAgentTests.Debug, spec, CPU, seed: 1);
        var policy = PolicyFactory.Create(agent.ExportPolicy(1), slots: 1, seed: 7);
        var (step, action) = (new TimeStep(spec), new float[3]);
        float[] Act(bool first)
        {
            step.IsFirst = first;
            policy.Act([0], [step], action);
            return [.. action];
        }

        var (one, next) = (Act(true), Act(true));
        Assert.NotEqual(one, next);
        for (var episode = 0; episode < 200; episode++)
        {
            Assert.All([.. Act(true), .. Act(false)], value => Assert.InRange(value, -1, 1));
        }
    }

    [Fact]
    public void RandomChoicesAreHeldForOneToTenSteps()
    {
        var spec = WorldModelsAgentTests.TakeCover;
        using var agent = new WorldModelsAgent(WorldModelsAgentTests.Doom, spec, CPU, seed: 1);
        var policy = PolicyFactory.Create(agent.ExportPolicy(1), slots: 1, seed: 7);
        var (step, action, choices) = (new TimeStep(spec), new float[3], new List<int>());
        for (var t = 0; t < 3000; t++)
        {
            policy.Act([0], [step], action);
            choices.Add(action.IndexOf(1f));
        }

        // 5.5 steps on average, and the same choice follows in one case of three.
        var changes = choices.Zip(choices.Skip(1)).Count(pair => pair.First != pair.Second);
        Assert.InRange(changes, 300, 430);
        Assert.All([0, 1, 2], choice => Assert.InRange(choices.Count(chosen => chosen == choice), 800, 1200));
    }

    private static WorldModelsAgent Searching(WorldModelsOptions options, EnvironmentSpec spec)
    {
        var agent = new WorldModelsAgent(options, spec, CPU, seed: 1);
        for (var update = 0; update < options.VisionUpdates + options.MemoryUpdates; update++)
        {
            agent.Train(Batches.Random(agent, spec, update), metrics: false);
        }

        return agent;
    }

    private static void Round(params ParameterSet[] sets) => Array.ForEach(sets, set => set.Flat.copy_(set.Flat.to(bfloat16)));
}
