using Dreamer.Environments.Control;
using Dreamer.Spaces;

namespace Dreamer.Environments.Tests.Control;

public sealed class ControlEnvironmentTests
{
    [Fact]
    public void Keys_of_the_observation_are_tensors_of_their_own()
    {
        using var environment = ControlReplayTests.Make("dmc_walker_walk", seed: 4);
        var step = new TimeStep(environment.Spec);
        environment.Reset(step);

        Assert.Equal("height:float32:1 orientations:float32:14 velocity:float32:9", string.Join(' ', environment.Spec.Observations));
        Assert.Equal("continuous:6", environment.Spec.Action.ToString());
        var observation = environment.Observation.ToArray().Select(value => (float)value).ToArray();
        Assert.Equal(observation[..14], step.Floats(1).ToArray());
        Assert.Equal(observation[14..15], step.Floats(0).ToArray());
        Assert.Equal(observation[15..], step.Floats(2).ToArray());
        Assert.Equal((0f, true, false, false), (step.Reward, step.IsFirst, step.IsLast, step.IsTerminal));
    }

    [Fact]
    public void Actions_are_clipped_and_scaled_to_the_range_of_each_control()
    {
        using var environment = ControlReplayTests.Make("dmc_quadruped_walk", seed: 4);
        var step = new TimeStep(environment.Spec);
        environment.Reset(step);
        environment.Step([1, 1, 1, -1, -1, -1, 0.5f, 0, 0, 7, 7, -7], step);

        double[] expected = [1, 1.1, 0.8, -1, -1, -0.8, 0.5, 0.05, 0, 1, 1.1, -0.8];
        Assert.Equal(expected, environment.Physics.Data.Control.ToArray(), (x, y) => Math.Abs(x - y) < 1e-12);
    }

    [Fact]
    public void Actions_that_do_not_fit_are_refused()
    {
        using var environment = ControlReplayTests.Make("dmc_reacher_easy", seed: 4);
        var step = new TimeStep(environment.Spec);
        Assert.Throws<InvalidOperationException>(() => environment.Step([0, 0], step));
        environment.Reset(step);
        Assert.Contains("dmc_reacher_easy expects", Assert.Throws<ArgumentException>(() => environment.Step([0], step)).Message);
        Assert.Contains("NaN at element 1", Assert.Throws<ArgumentException>(() => environment.Step([0, float.NaN], step)).Message);
    }

    [Fact]
    public void An_episode_lasts_a_thousand_steps_and_is_cut_not_ended()
    {
        using var environment = EnvironmentRegistry.Make(new EnvironmentOptions { Name = "dmc_pendulum_swingup", ActionRepeat = 2 }, seed: 1);
        var step = new TimeStep(environment.Spec);
        environment.Reset(step);
        for (var taken = 1; taken <= 500; taken++)
        {
            Assert.False(step.IsLast);
            environment.Step([0], step);
        }

        Assert.Equal((true, false), (step.IsLast, step.IsTerminal));
    }

    [Theory]
    [InlineData("dmc_walker_walk", 25, 60)]
    [InlineData("dmc_cheetah_run", 0.5, 8)]
    public void Random_actions_return_what_they_do_in_the_suite(string name, double low, double high)
    {
        using var environment = EnvironmentRegistry.Make(new EnvironmentOptions { Name = name }, seed: 7);
        var random = new Numpy.RandomState(7);
        var step = new TimeStep(environment.Spec);
        var action = new float[environment.Spec.Action.Size];
        var sum = 0.0;
        for (environment.Reset(step); !step.IsLast; sum += step.Reward)
        {
            foreach (ref var element in action.AsSpan())
            {
                element = (float)random.Uniform(-1, 1);
            }

            environment.Step(action, step);
        }

        Assert.InRange(sum, low, high);
    }

    [Fact]
    public void Environments_stepped_in_parallel_do_not_disturb_each_other()
    {
        var options = new EnvironmentOptions { Name = "dmc_hopper_stand" };
        using var together = VectorEnvironment.Make(options, seed: 20, count: 4, parallel: true);
        var alone = Enumerable.Range(0, 4).Select(slot => EnvironmentRegistry.Make(options, seed: 20 + (ulong)slot)).ToArray();
        var steps = alone.Select(environment => new TimeStep(environment.Spec)).ToArray();
        float[] action = [0.3f, -1, 0.7f, 0];
        for (var taken = 0; taken < 30; taken++)
        {
            together.Step([.. action, .. action, .. action, .. action]);
            for (var slot = 0; slot < alone.Length; slot++)
            {
                if (taken == 0)
                {
                    alone[slot].Reset(steps[slot]);
                }
                else
                {
                    alone[slot].Step(action, steps[slot]);
                }

                Assert.Equal(steps[slot].Observations, together.Steps[slot].Observations);
                Assert.Equal(steps[slot].Reward, together.Steps[slot].Reward);
            }
        }

        Assert.All(alone, environment => environment.Dispose());
    }

    [Fact]
    public void Pictures_are_drawn_by_whoever_was_given()
    {
        var task = ControlTasks.All.Single(entry => entry.Info.Name == "dmc_quadruped_walk").Task;
        var painter = new Painter();
        using (var environment = new ControlEnvironment(
            "dmc_quadruped_walk", task, library: "", ObservationKind.Both, imageSize: 8, seed: 0, painter))
        {
            var step = new TimeStep(environment.Spec);
            environment.Reset(step);
            var image = environment.Spec.Observations.ToList().FindIndex(tensor => tensor.IsImage);
            Assert.Equal("image:uint8:8x8x3", environment.Spec.Observations[image].ToString());
            Assert.Equal(6, environment.Spec.Observations.Length);
            Assert.All(step.Observations[image], value => Assert.Equal(2, value));
        }

        Assert.True(painter.Disposed);
    }

    /// <summary>Fills pictures with the number of the camera.</summary>
    private sealed class Painter : IPicture
    {
        public bool NeedsSky => true;

        public bool Disposed { get; private set; }

        public void Draw(Physics physics, int camera, Span<byte> pixels, int size) => pixels.Fill((byte)camera);

        public void Dispose() => Disposed = true;
    }
}
