using Dreamer.Policies.DreamerV3;
using Dreamer.Spaces;

namespace Dreamer.Policies.Tests;

public sealed class SamplingTests
{
    [Fact]
    public void ClassesAreDrawnWithTheUniformShareMixedIn()
    {
        // Unimix of the logits [2, 0, -1, .5], spec section 9.
        double[] expected = [0.705498924, 0.097640558, 0.037500255, 0.159360262];
        const int draws = 40_000;
        var counts = new double[4];
        var (uniforms, drawn) = (new float[1], new byte[1]);
        for (var i = 0; i < draws; i++)
        {
            CounterRandom.Fill(1, 0, (ulong)i, uniforms);
            Categorical.Sample([2, 0, -1, 0.5f], 4, 0.01f, uniforms, drawn);
            counts[drawn[0]]++;
        }

        // 16.27: 0.1 % of samples from the right distribution lie above it (3 degrees of freedom).
        Assert.InRange(counts.Zip(expected).Sum(pair => Math.Pow(pair.First - draws * pair.Second, 2) / (draws * pair.Second)), 0, 16.27);
    }

    [Fact]
    public void EvenAnImpossibleClassKeepsItsUniformShare()
    {
        var drawn = new byte[2];
        Categorical.Sample([0, -1000, 0, 1000], 2, 0.5f, [0.76f, 0.24f], drawn);
        Assert.Equal([1, 0], drawn);
        Categorical.Sample([0, -1000, 0, 1000], 2, 0.5f, [0.74f, 0.26f], drawn);
        Assert.Equal([0, 1], drawn);
    }

    [Fact]
    public void NotANumberStillDrawsAClass()
    {
        var drawn = new byte[1];
        Categorical.Sample([float.NaN, 0, 0], 3, 0.01f, [0.5f], drawn);
        Assert.Equal(2, drawn[0]);
    }

    [Fact]
    public void ARandomPolicyChoosesEveryActionEquallyOften()
    {
        var policy = new RandomPolicy(new ActionSpec(ActionKind.Discrete, 5), slots: 2, seed: 3);
        var (counts, actions) = (new double[10], new float[10]);
        const int draws = 5000;
        for (var i = 0; i < draws; i++)
        {
            policy.Act([0, 1], [], actions);
            Assert.Equal(2, actions.Sum());
            for (var j = 0; j < 10; j++)
            {
                counts[j] += actions[j];
            }
        }

        // 26.12: 0.1 % at 8 degrees of freedom.
        Assert.InRange(counts.Sum(count => Math.Pow(count - draws / 5.0, 2) / (draws / 5.0)), 0, 26.12);
        Assert.Empty(policy.RecordedState);
    }

    [Fact]
    public void ABlobCanAskForRandomActions()
    {
        var environment = Blobs.Environment("vector", "discrete:4");
        var policy = PolicyFactory.Create(RandomPolicy.Blob(environment, version: 3), slots: 2, seed: 1);
        Assert.Equal((3, 2, 0), (policy.Version, policy.Slots, policy.RecordedState.Length));
        var actions = new float[8];
        policy.Act([0, 1], [Blobs.Step(environment, 1), Blobs.Step(environment, 2)], actions);
        Assert.Equal((1, 1), (actions[..4].Sum(), actions[4..].Sum()));

        Assert.Same(policy, PolicyFactory.Renew(policy, RandomPolicy.Blob(environment, version: 4), seed: 1));
        Assert.Equal(4, policy.Version);
        var recording = Assert.Throws<PolicyFormatException>(() => PolicyFactory.Renew(policy, Blobs.Random(environment, Blobs.Debug), seed: 1));
        Assert.Contains("restart the actor", recording.Message);
    }

    [Fact]
    public void ARandomPolicyCoversTheContinuousRange()
    {
        var policy = new RandomPolicy(new ActionSpec(ActionKind.Continuous, 2), slots: 1, seed: 3);
        var (values, actions) = (new List<float>(), new float[2]);
        for (var i = 0; i < 2000; i++)
        {
            policy.Act([0], [], actions);
            values.AddRange(actions);
        }

        Assert.InRange(values.Min(), -1, -0.99);
        Assert.InRange(values.Max(), 0.99, 1);
        // Standard error of the mean of 4,000 values: 0.577 / 63.
        Assert.InRange(values.Average(), -0.037, 0.037);
    }

    [Fact]
    public void TheBenchmarkMeasuresBesideALimit()
    {
        var result = PolicyBenchmark.Measure("debug", Blobs.Environment("vector", "discrete:3"), Blobs.Debug, 2, TimeSpan.FromMilliseconds(3));
        Assert.True(result is { StepsPerSecond: > 0, LimitPerSecond: > 0, WeightBytes: > 0 });
        Assert.Equal(result.StepsPerSecond / result.LimitPerSecond, result.Ratio);
    }
}
