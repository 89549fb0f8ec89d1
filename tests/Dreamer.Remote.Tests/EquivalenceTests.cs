using Dreamer.Environments;
using Dreamer.Remote.Tests.Support;
using Dreamer.Spaces;

namespace Dreamer.Remote.Tests;

/// <summary>What goes over the wire is what happens without one.</summary>
public sealed class EquivalenceTests(PythonTasks python) : IClassFixture<PythonTasks>
{
    private const int Limit = 30;

    [Theory]
    [InlineData("CartPole-v1", ObservationKind.Vector)]
    [InlineData("Pendulum-v1", ObservationKind.Both)]
    [InlineData("MountainCar-v0", ObservationKind.Image)]
    public async Task A_task_served_by_us_is_the_task_itself(string name, ObservationKind observation)
    {
        var options = new EnvironmentOptions { Name = name, Observation = observation, Size = 32, TimeLimit = Limit };
        await using var server = await ServedEnvironment.StartAsync(options);
        using var local = EnvironmentRegistry.Make(options, seed: 7);
        using var remote = Given.Connect(server.Name, observation, seed: 7);

        Assert.Equal(local.Spec, remote.Spec);
        Assert.InRange(Given.SameEpisodes(local, remote, episodes: 4), Limit, 4 * Limit);
    }

    [Fact]
    public void CartPole_served_by_Python_is_ours()
    {
        using var local = EnvironmentRegistry.Make(new EnvironmentOptions { Name = "CartPole-v1", TimeLimit = Limit }, seed: 11);
        using var remote = Given.Connect(python.Name, remote: PythonTasks.Task("CartPole", $"limit={Limit}"), seed: 11);

        Assert.Equal((local.Spec.Action, 4), (remote.Spec.Action, remote.Spec.Observations.Single().Elements));

        // Enough for some that fall and some that are cut.
        Assert.InRange(Given.SameEpisodes(local, remote, episodes: 25), 25, (25 * Limit) - 1);
    }

    [Fact]
    public async Task An_episode_that_is_cut_here_is_reset_there()
    {
        var options = new EnvironmentOptions { Name = "CartPole-v1" };
        await using var server = await ServedEnvironment.StartAsync(options);
        using var local = EnvironmentRegistry.Make(options with { TimeLimit = 3 }, seed: 2);
        using var remote = EnvironmentRegistry.Make(Given.Remote(server.Name) with { TimeLimit = 3 }, seed: 2);

        Assert.Equal(15, Given.SameEpisodes(local, remote, episodes: 5));
    }

    [Fact]
    public async Task Several_play_at_once_each_with_its_seed()
    {
        var options = new EnvironmentOptions { Name = "CartPole-v1" };
        await using var server = await ServedEnvironment.StartAsync(options);
        using var local = VectorEnvironment.Make(options, seed: 40, count: 3);
        using var remote = VectorEnvironment.Make(Given.Remote(server.Name), seed: 40, count: 3, parallel: true);
        var actions = new float[3 * 2];
        for (var step = 0; step < 60; step++)
        {
            local.Step(actions);
            remote.Step(actions);
            Assert.All(Enumerable.Range(0, 3), slot => Assert.Equal(local.Steps[slot].Observations[0], remote.Steps[slot].Observations[0]));
            Array.Clear(actions);
            Array.ForEach([0, 1, 2], slot => actions[(2 * slot) + ((step + slot) % 2)] = 1);
        }
    }

    [Fact]
    public void Every_kind_of_space_has_its_tensor()
    {
        using var remote = Given.Connect(python.Name, ObservationKind.Both, PythonTasks.Task("Shapes"));

        Assert.Equal(
            ["body.pose:float32:4", "body.touch:int32:1:2", "picture:uint8:32x48x3", "room:int32:1:5"],
            remote.Spec.Observations.Select(tensor => tensor.ToString()));
        Assert.Equal(new ActionSpec(ActionKind.Continuous, 2), remote.Spec.Action);

        var step = new TimeStep(remote.Spec);
        remote.Reset(step);
        remote.Step([-0.5f, 1], step);
        Assert.Equal([0.25f, -0.5f, -1, 10], step.Floats(0).ToArray());
        Assert.Equal(1, step.Integers(1)[0]);
        Assert.Equal([0, 1, 2, 3], step.Observations[2][..4]);
        Assert.Equal(2, step.Integers(3)[0]);
        Assert.Equal(0.5f, step.Reward);
    }

    [Theory]
    [InlineData("terminated", true)]
    [InlineData("truncated", false)]
    public void A_time_limit_is_no_true_end(string end, bool isTerminal)
    {
        using var remote = Given.Connect(python.Name, remote: PythonTasks.Task("Shapes", $"ends={end}") with { Observations = ["room"] });
        var step = new TimeStep(remote.Spec);
        remote.Reset(step);
        for (var number = 1; number <= 3; number++)
        {
            remote.Step([0, 0], step);
            Assert.Equal((number == 3, number == 3 && isTerminal), (step.IsLast, step.IsTerminal));
        }

        Assert.Throws<InvalidOperationException>(() => remote.Step([0, 0], step));
        remote.Reset(step);
        Assert.Equal((true, false), (step.IsFirst, step.IsLast));
    }

    [Fact]
    public async Task What_is_rendered_is_an_image()
    {
        await using var server = await PythonServer.StartAsync("Drawn", "--render");
        using var remote = Given.Connect(server.Name, ObservationKind.Both);
        var step = new TimeStep(remote.Spec);
        remote.Reset(step);
        remote.Step([1, 0], step);

        Assert.Equal(["image:uint8:20x30x3", "observation:float32:4"], remote.Spec.Observations.Select(tensor => tensor.ToString()));
        Assert.All(step.Observations[0], value => Assert.Equal(1, value));
    }
}
