using Dreamer.Environments.Fakes;
using Dreamer.Spaces;

namespace Dreamer.Environments.Tests;

public sealed class VectorEnvironmentTests
{
    private static readonly EnvironmentOptions Cart = new() { Name = "CartPole-v1" };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Each_slot_plays_as_if_alone_with_its_own_seed(bool parallel)
    {
        const int count = 3;
        using var vector = VectorEnvironment.Make(Cart, seed: 40, count, parallel);
        var alone = Enumerable.Range(0, count).Select(slot => EnvironmentRegistry.Make(Cart, 40 + (ulong)slot)).ToArray();
        var steps = alone.Select(environment => new TimeStep(environment.Spec) { IsLast = true }).ToArray();
        var random = new Random(1);
        var actions = new float[count * 2];
        for (var time = 0; time < 100; time++)
        {
            for (var slot = 0; slot < count; slot++)
            {
                var choice = random.Next(2);
                (actions[2 * slot], actions[(2 * slot) + 1]) = (1 - choice, choice);
                if (steps[slot].IsLast)
                {
                    alone[slot].Reset(steps[slot]);
                }
                else
                {
                    alone[slot].Step(actions.AsSpan(2 * slot, 2), steps[slot]);
                }
            }

            vector.Step(actions);
            for (var slot = 0; slot < count; slot++)
            {
                var (expected, actual) = (steps[slot], vector.Steps[slot]);
                Assert.Equal(expected.Observations[0], actual.Observations[0]);
                Assert.Equal(
                    (expected.Reward, expected.IsFirst, expected.IsLast, expected.IsTerminal),
                    (actual.Reward, actual.IsFirst, actual.IsLast, actual.IsTerminal));
            }
        }
    }

    [Fact]
    public void Slots_whose_next_episode_has_one_seed_meet_the_same_environment()
    {
        using var vector = VectorEnvironment.Make(Cart with { TimeLimit = 2 }, seed: 40, count: 3);
        float[] actions = [1, 0, 1, 0, 1, 0];
        vector.Step(actions);
        vector.Reseed(0, 7);
        vector.Reseed(1, 7);
        vector.Step(actions);
        Assert.NotEqual(vector.Steps[0].Observations[0], vector.Steps[1].Observations[0]);
        vector.Step(actions);
        Assert.True(vector.Steps[0].IsLast);

        vector.Step(actions);
        using var alone = EnvironmentRegistry.Make(Cart, 7);
        var expected = new TimeStep(alone.Spec);
        alone.Reset(expected);
        foreach (var slot in (int[])[0, 1])
        {
            Assert.True(vector.Steps[slot].IsFirst);
            Assert.Equal(expected.Observations[0], vector.Steps[slot].Observations[0]);
        }

        Assert.NotEqual(expected.Observations[0], vector.Steps[2].Observations[0]);

        // The episode after that goes on with the environment's own numbers, the same for both.
        for (var time = 0; time < 3; time++)
        {
            vector.Step(actions);
        }

        Assert.NotEqual(expected.Observations[0], vector.Steps[0].Observations[0]);
        Assert.Equal(vector.Steps[0].Observations[0], vector.Steps[1].Observations[0]);
    }

    [Fact]
    public void The_record_after_the_last_is_the_first_and_its_action_is_ignored()
    {
        using var vector = VectorEnvironment.Make(Fake(new FakeOptions { EpisodeLength = 2 }), seed: 0, count: 1);
        float[] unusable = [float.NaN, 0, 0, 0];
        float[] action = [0, 1, 0, 0];
        List<(bool First, bool Last, uint Record)> seen = [];
        for (var time = 0; time < 6; time++)
        {
            vector.Step(time % 3 == 0 ? unusable : action);
            Assert.True(FakeLedger.TryRead(vector.Steps[0].Observations[0], DType.Float32, out var ledger));
            seen.Add((vector.Steps[0].IsFirst, vector.Steps[0].IsLast, ledger.Record));
        }

        Assert.Equal([(true, false, 0u), (false, false, 1u), (false, true, 2u), (true, false, 3u), (false, false, 4u), (false, true, 5u)], seen);
    }

    [Fact]
    public void Bad_actions_are_refused_before_anything_moves()
    {
        using var vector = VectorEnvironment.Make(Cart, seed: 0, count: 2);
        vector.Step(new float[4]);
        var before = vector.Steps[0].Observations[0].ToArray();

        var error = Assert.Throws<ArgumentException>(() => vector.Step([1, 0, float.NaN, 0]));
        Assert.StartsWith("Environment 1 expects a one-hot action of 2 elements", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => vector.Step(new float[3]));
        Assert.Equal(before, vector.Steps[0].Observations[0]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_slot_that_breaks_down_starts_a_new_life_and_the_others_go_on(bool parallel)
    {
        List<int> restarted = [];
        using var vector = new VectorEnvironment(
            count: 2,
            (slot, life) => EnvironmentRegistry.Make(Fake(new FakeOptions { FailAfter = slot == 1 ? 3 : 0 }), (ulong)((10 * slot) + life)),
            parallel,
            (slot, _) => { restarted.Add(slot); return restarted.Count <= 2; });
        var actions = new float[8];
        for (var time = 0; time < 5; time++)
        {
            vector.Step(actions);
        }

        Assert.Equal([0, 1], vector.Lives.ToArray());
        Assert.False(vector.Steps[0].IsFirst);
        Assert.True(vector.Steps[1].IsFirst);
        Assert.True(FakeLedger.TryRead(vector.Steps[1].Observations[0], DType.Float32, out var ledger));
        Assert.Equal(new FakeLedger(Seed: 11, Record: 0), ledger);

        var error = Assert.Throws<EnvironmentFailedException>(() =>
        {
            for (var time = 0; time < 50; time++)
            {
                vector.Step(actions);
            }
        });
        Assert.Equal(1, error.Slot);
        Assert.Contains("fake.fail_after", error.Message, StringComparison.Ordinal);
        Assert.Equal([1, 1, 1], restarted);
    }

    [Fact]
    public void A_new_life_that_does_not_come_about_costs_the_budget_as_well()
    {
        List<string> failures = [];
        using var vector = new VectorEnvironment(
            count: 1,
            (_, life) => life is 1 or 2 ? throw new IOException($"away at {life}") : EnvironmentRegistry.Make(Fake(new FakeOptions { FailAfter = 1 }), 0),
            mayRestart: (_, failure) =>
            {
                failures.Add(failure.Message);
                return failures.Count <= 3;
            });
        vector.Step(new float[4]);
        vector.Step(new float[4]);
        vector.Step(new float[4]);

        Assert.Equal(["away at 1", "away at 2"], failures[1..]);
        Assert.Equal((3, true), (vector.Lives[0], vector.Steps[0].IsFirst));
        vector.Step(new float[4]);
        Assert.Throws<EnvironmentFailedException>(() => vector.Step(new float[4]));
    }

    private static EnvironmentOptions Fake(FakeOptions options) => new() { Name = "fake", Fake = options };
}
