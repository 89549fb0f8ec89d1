using Dreamer.Environments.Tasks;
using Dreamer.Spaces;

namespace Dreamer.Environments.Tests;

public sealed class TaskTests
{
    [Theory]
    [InlineData("CartPole-v1", "discrete:2", 4)]
    [InlineData("Pendulum-v1", "continuous:1", 3)]
    [InlineData("Acrobot-v1", "discrete:3", 6)]
    [InlineData("MountainCar-v0", "discrete:3", 2)]
    [InlineData("MountainCarContinuous-v0", "continuous:1", 2)]
    [InlineData("catch", "discrete:3", 50)]
    [InlineData("CarRacing-v3", "continuous:3", 7)]
    [InlineData("fake", "discrete:4", 8)]
    public void Spec_names_what_is_shown(string name, string action, int vector)
    {
        var options = new EnvironmentOptions { Name = name, Observation = ObservationKind.Both, Size = 48 };
        var spec = EnvironmentRegistry.SpecOf(options);

        Assert.Equal(ActionSpec.Parse(action), spec.Action);
        Assert.Equal(["image:uint8:48x48x3", $"vector:float32:{vector}"], spec.Observations.Select(tensor => tensor.ToString()));
        Assert.Equal("vector", EnvironmentRegistry.SpecOf(options with { Observation = ObservationKind.Vector }).Observations.Single().Key);
        Assert.Equal("image", EnvironmentRegistry.SpecOf(options with { Observation = ObservationKind.Image }).Observations.Single().Key);
    }

    [Theory]
    [InlineData("CartPole-v1", 3, "CartPole-v1 expects a one-hot action of 2 elements, got 3 element(s).")]
    [InlineData("Pendulum-v1", 2, "Pendulum-v1 expects an action of 1 finite element(s) in [-1, 1], got 2 element(s).")]
    [InlineData("fake", 1, "fake expects a one-hot action of 4 elements, got 1 element(s).")]
    public void An_action_of_another_length_is_refused(string name, int length, string message)
    {
        using var environment = EnvironmentRegistry.Make(new EnvironmentOptions { Name = name }, seed: 0);
        var step = new TimeStep(environment.Spec);
        environment.Reset(step);
        var error = Assert.Throws<ArgumentException>(() => environment.Step(new float[length], step));
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_action_that_is_not_finite_is_refused_and_changes_nothing()
    {
        using var environment = new TaskEnvironment("Pendulum-v1", new Pendulum(), ObservationKind.Vector, imageSize: 64, seed: 0);
        var step = new TimeStep(environment.Spec);
        environment.Reset(step);
        var before = environment.State.ToArray();

        var error = Assert.Throws<ArgumentException>(() => environment.Step([float.NaN], step));
        Assert.StartsWith("Pendulum-v1 expects", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => environment.Step([float.PositiveInfinity], step));
        Assert.Equal(before, environment.State.ToArray());
    }

    [Fact]
    public void Continuous_actions_are_clipped_and_rescaled()
    {
        Assert.Equal(AfterOneStep([1f]), AfterOneStep([7f]));
        Assert.NotEqual(AfterOneStep([1f]), AfterOneStep([0.5f]));

        using var raw = new TaskEnvironment("Pendulum-v1", new Pendulum(), ObservationKind.Vector, imageSize: 64, seed: 0);
        raw.Reset(new TimeStep(raw.Spec));
        raw.Advance(1.0);
        Assert.Equal(raw.State.ToArray(), AfterOneStep([0.5f]));
    }

    [Fact]
    public void A_step_without_a_running_episode_is_refused()
    {
        using var environment = new TaskEnvironment("CartPole-v1", new CartPole(), ObservationKind.Vector, imageSize: 64, seed: 0);
        var step = new TimeStep(environment.Spec);
        Assert.Throws<InvalidOperationException>(() => environment.Step([1, 0], step));
        environment.Reset(step);
        while (!step.IsLast)
        {
            environment.Step([1, 0], step);
        }

        Assert.True(step.IsTerminal);
        Assert.Throws<InvalidOperationException>(() => environment.Step([1, 0], step));
    }

    [Theory]
    [InlineData(true, 1f)]
    [InlineData(false, -1f)]
    public void Catch_rewards_a_paddle_under_the_ball(bool follow, float expected)
    {
        using var environment = new TaskEnvironment("catch", new Catch(), ObservationKind.Vector, imageSize: 64, seed: 3);
        var step = new TimeStep(environment.Spec);
        for (var episode = 0; episode < 20; episode++)
        {
            environment.Reset(step);
            var steps = 0;
            while (!step.IsLast)
            {
                Assert.Equal(0, step.Reward);
                Assert.Equal(2, step.Floats(0).ToArray().Sum());
                var side = Math.Sign(environment.State[0] - environment.State[2]);
                var away = environment.State[0] < 2.5 ? 1 : -1;
                var action = new float[3];
                action[1 + (follow ? side : away)] = 1;
                environment.Step(action, step);
                steps++;
            }

            Assert.Equal((9, expected, true), (steps, step.Reward, step.IsTerminal));
        }
    }

    private static double[] AfterOneStep(float[] action)
    {
        using var environment = new TaskEnvironment("Pendulum-v1", new Pendulum(), ObservationKind.Vector, imageSize: 64, seed: 0);
        var step = new TimeStep(environment.Spec);
        environment.Reset(step);
        environment.Step(action, step);
        return environment.State.ToArray();
    }
}
