using Dreamer.Environments.Tasks;
using Dreamer.Spaces;

namespace Dreamer.Environments.Tests;

/// <summary>Our tasks follow Gymnasium's recordings from the seed alone.</summary>
public sealed class ReplayTests
{
    private const double StepTolerance = 1e-13;

    // Our sine and NumPy's may differ in the last bit, which the swinging tasks amplify over 200 steps.
    private const double EpisodeTolerance = 1e-9;
    private const double ObservationTolerance = 1e-6;

    public static TheoryData<string> Recorded =>
        ["CartPole-v1", "Pendulum-v1", "Acrobot-v1", "MountainCar-v0", "MountainCarContinuous-v0"];

    [Theory]
    [MemberData(nameof(Recorded))]
    public void Each_step_from_a_recorded_state_arrives_at_the_next(string name)
    {
        var rules = Rules(name);
        foreach (var episode in Recording.Load(name).Episodes)
        {
            var from = episode.FirstState;
            foreach (var step in episode.Steps)
            {
                var state = from.ToArray();
                var outcome = rules.Advance(state, step.Action[0]);
                AssertClose(step.State, state, StepTolerance);
                Assert.Equal(step.Reward, outcome.Reward, StepTolerance);
                from = step.State;
            }
        }
    }

    [Theory]
    [MemberData(nameof(Recorded))]
    public void State_and_reward_follow_the_recording(string name)
    {
        foreach (var episode in Recording.Load(name).Episodes)
        {
            using var environment = new TaskEnvironment(name, Rules(name), ObservationKind.Vector, imageSize: 64, episode.Seed);
            environment.Reset(new TimeStep(environment.Spec));
            AssertClose(episode.FirstState, environment.State, 0);
            foreach (var step in episode.Steps)
            {
                var outcome = environment.Advance(step.Action[0]);
                AssertClose(step.State, environment.State, EpisodeTolerance);
                Assert.Equal(step.Reward, outcome.Reward, EpisodeTolerance);
                Assert.Equal(step.Terminated, outcome.Terminated);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Recorded))]
    public void Records_follow_the_recording_up_to_the_end_of_the_episode(string name)
    {
        foreach (var episode in Recording.Load(name).Episodes)
        {
            using var environment = EnvironmentRegistry.Make(new EnvironmentOptions { Name = name }, episode.Seed);
            var step = new TimeStep(environment.Spec);
            environment.Reset(step);
            AssertClose(episode.FirstObservation, step.Floats(0));
            Assert.Equal((0f, true, false, false), (step.Reward, step.IsFirst, step.IsLast, step.IsTerminal));
            foreach (var expected in episode.Steps)
            {
                environment.Step(ToAction(environment.Spec.Action, name, expected.Action[0]), step);
                AssertClose(expected.Observation, step.Floats(0));
                Assert.Equal(expected.Reward, step.Reward, ObservationTolerance * Math.Max(1, Math.Abs(expected.Reward)));
                Assert.Equal(
                    (false, expected.Terminated || expected.Truncated, expected.Terminated), (step.IsFirst, step.IsLast, step.IsTerminal));
            }
        }
    }

    [Fact]
    public void Later_episodes_draw_on_from_the_same_generator()
    {
        using var environment = new TaskEnvironment("CartPole-v1", new CartPole(), ObservationKind.Vector, imageSize: 64, seed: 5);
        var random = new Numpy.Generator(5);
        var step = new TimeStep(environment.Spec);
        for (var episode = 0; episode < 3; episode++)
        {
            environment.Reset(step);
            foreach (var value in environment.State)
            {
                Assert.Equal(random.Uniform(-0.05, 0.05), value);
            }
        }
    }

    private static float[] ToAction(ActionSpec spec, string name, double action)
    {
        var vector = new float[spec.Size];
        if (spec.Kind == ActionKind.Discrete)
        {
            vector[(int)action] = 1;
            return vector;
        }

        vector[0] = (float)(action / Rules(name).ActionHigh);
        return vector;
    }

    private static ITaskRules Rules(string name) => name switch
    {
        "CartPole-v1" => new CartPole(),
        "Pendulum-v1" => new Pendulum(),
        "Acrobot-v1" => new Acrobot(),
        "MountainCar-v0" => new MountainCar(),
        _ => new MountainCarContinuous(),
    };

    private static void AssertClose(double[] expected, ReadOnlySpan<double> actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var index = 0; index < expected.Length; index++)
        {
            Assert.Equal(expected[index], actual[index], tolerance);
        }
    }

    private static void AssertClose(float[] expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var index = 0; index < expected.Length; index++)
        {
            Assert.Equal(expected[index], actual[index], ObservationTolerance * Math.Max(1, Math.Abs(expected[index])));
        }
    }
}
