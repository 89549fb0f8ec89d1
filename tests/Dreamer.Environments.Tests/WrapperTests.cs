using Dreamer.Environments.Fakes;
using Dreamer.Environments.Wrappers;
using Dreamer.Spaces;

namespace Dreamer.Environments.Tests;

public sealed class WrapperTests
{
    private static readonly float[] Action = [1, 0, 0, 0];

    [Fact]
    public void A_time_limit_is_last_but_not_terminal()
    {
        using var environment = EnvironmentRegistry.Make(new EnvironmentOptions { Name = "fake", TimeLimit = 3 }, seed: 0);
        var step = new TimeStep(environment.Spec);
        for (var episode = 0; episode < 2; episode++)
        {
            environment.Reset(step);
            Assert.Equal([(false, false), (false, false), (true, false)], Play(environment, step, 3));
        }

        Assert.Throws<InvalidOperationException>(() => environment.Step(Action, step));
    }

    [Fact]
    public void A_true_end_at_the_time_limit_stays_terminal()
    {
        using var environment = new TimeLimit(Fake(new FakeOptions { EpisodeLength = 2 }), 2);
        var step = new TimeStep(environment.Spec);
        environment.Reset(step);
        Assert.Equal([(false, false), (true, true)], Play(environment, step, 2));
    }

    [Theory]
    [InlineData("CartPole-v1", 500)]
    [InlineData("Pendulum-v1", 200)]
    [InlineData("Acrobot-v1", 500)]
    [InlineData("MountainCar-v0", 200)]
    [InlineData("MountainCarContinuous-v0", 999)]
    public void Tasks_have_their_own_limits(string name, int limit)
    {
        Assert.Equal(limit, EnvironmentRegistry.Find(name).StepLimit);
        using var environment = EnvironmentRegistry.Make(new EnvironmentOptions { Name = name }, seed: 0);
        var step = new TimeStep(environment.Spec);
        environment.Reset(step);
        var steps = 0;
        for (; !step.IsLast; steps++)
        {
            environment.Step(name == "CartPole-v1" ? Balance(step.Floats(0)) : Idle(environment.Spec.Action), step);
        }

        Assert.Equal((limit, false), (steps, step.IsTerminal));
    }

    [Fact]
    public void Action_repeat_sums_rewards_and_stops_at_the_last_record()
    {
        using var single = Fake(new FakeOptions { EpisodeLength = 5 });
        using var repeated = EnvironmentRegistry.Make(
            new EnvironmentOptions { Name = "fake", ActionRepeat = 3, Fake = new FakeOptions { EpisodeLength = 5 } }, seed: 0);
        var (one, three) = (new TimeStep(single.Spec), new TimeStep(single.Spec));
        single.Reset(one);
        repeated.Reset(three);

        Assert.Equal(Sum(single, one, 3), Sum(repeated, three, 1));
        Assert.False(three.IsLast);
        Assert.Equal(Sum(single, one, 2), Sum(repeated, three, 1));
        Assert.True(three.IsLast);
        Assert.Equal(one.Observations[0], three.Observations[0]);
    }

    [Fact]
    public void Episode_statistics_are_those_of_the_finished_episode()
    {
        using var environment = new EpisodeStatistics(Fake(new FakeOptions { EpisodeLength = 4 }));
        var step = new TimeStep(environment.Spec);
        environment.Reset(step);
        var sum = Sum(environment, step, 4);
        Assert.Equal((sum, 4, 1L), ((float)environment.Return, environment.Length, environment.Episodes));
        environment.Reset(step);
        Assert.Equal((0.0, 0, 1L), (environment.Return, environment.Length, environment.Episodes));
    }

    [Fact]
    public void Action_bounds_clip_and_rescale_each_element()
    {
        var inner = new Recorder(new ActionSpec(ActionKind.Continuous, 2));
        using var environment = new ActionBounds(inner, [-2, 0], [2, 10]);
        var step = new TimeStep(environment.Spec);
        environment.Step([0.5f, -1], step);
        Assert.Equal([1f, 0f], inner.Last);
        environment.Step([-9, 3], step);
        Assert.Equal([-2f, 10f], inner.Last);
        Assert.Throws<ArgumentException>(() => environment.Step([float.NaN, 0], step));
        Assert.Throws<ArgumentException>(() => new ActionBounds(inner, [1, 0], [0, 1]));
        Assert.Throws<ArgumentException>(() => new ActionBounds(inner, [0], [1]));
    }

    /// <summary>Nothing drives the task, so that it never reaches its goal: no torque, or the middle one of three choices.</summary>
    private static float[] Idle(ActionSpec action) => action.Kind == ActionKind.Discrete ? [0, 1, 0] : [0];

    private static float[] Balance(ReadOnlySpan<float> cart) =>
        (0.1 * cart[0]) + (0.3 * cart[1]) + (2 * cart[2]) + cart[3] > 0 ? [0, 1] : [1, 0];

    private static FakeEnvironment Fake(FakeOptions options) => new(options, ObservationKind.Vector, imageSize: 64, seed: 0);

    private static (bool Last, bool Terminal)[] Play(IEnvironment environment, TimeStep step, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => { environment.Step(Action, step); return (step.IsLast, step.IsTerminal); })];

    private static float Sum(IEnvironment environment, TimeStep step, int count)
    {
        var sum = 0f;
        for (var index = 0; index < count; index++)
        {
            environment.Step(Action, step);
            sum += step.Reward;
        }

        return sum;
    }

    private sealed class Recorder(ActionSpec action) : IEnvironment
    {
        public float[] Last { get; private set; } = [];

        public EnvironmentSpec Spec { get; } = new(action, new TensorSpec("vector", DType.Float32, 1));

        public void Reset(TimeStep into) => into.Set(0, true, false, false);

        public void Step(ReadOnlySpan<float> action, TimeStep into) => Last = action.ToArray();

        public void Dispose()
        {
        }
    }
}
