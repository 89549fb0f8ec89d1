using Dreamer.Environments.Control;
using Dreamer.Spaces;

namespace Dreamer.Environments.Tests.Control;

/// <summary>
/// Our tasks follow recordings of the DeepMind Control suite, from the seed alone and from a recorded state. Recorded on
/// MuJoCo 2.2.2: another version goes its own way once bodies touch.
/// </summary>
public sealed class ControlReplayTests
{
    // Digits of sines, logarithms and long sums may differ from NumPy's in the last place; the simulation itself may not.
    private const double Rounding = 1e-12;

    private const string RecordedWith = "libmujoco.so.2.2.2";

    public static TheoryData<string> Recorded =>
    [
        "dmc_pendulum_swingup", "dmc_cartpole_balance", "dmc_cartpole_balance_sparse", "dmc_cartpole_swingup", "dmc_acrobot_swingup",
        "dmc_reacher_easy", "dmc_ball_in_cup_catch", "dmc_finger_spin", "dmc_finger_turn_easy", "dmc_hopper_stand", "dmc_cheetah_run",
        "dmc_walker_stand", "dmc_walker_walk", "dmc_point_mass_easy", "dmc_quadruped_run",
    ];

    [Theory]
    [MemberData(nameof(Recorded))]
    public void Episodes_follow_from_the_seed(string name)
    {
        var recording = ControlRecording.Load(name);
        using var environment = Make(name, recording.Seed);
        foreach (var episode in recording.Episodes)
        {
            environment.Begin();
            AssertState(environment, episode.Position, episode.Velocity, 0);
            AssertObservation(environment, episode.Observation);
            AssertClose(episode.Activation, environment.Physics.Data.Activation, 0);
            AssertPlaces(episode.Extra, environment.Physics);
            foreach (var step in episode.Steps)
            {
                var reward = environment.Advance(step.Control);
                AssertState(environment, step.Position, step.Velocity, 0);
                AssertClose(step.Observation, environment.Observation, Rounding);
                Assert.Equal(step.Reward, reward, Rounding);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Recorded))]
    public void Episodes_follow_from_a_recorded_state(string name)
    {
        var recording = ControlRecording.Load(name);
        using var environment = Make(name, recording.Seed + 1);
        var episode = recording.Episodes[0];
        environment.Begin();
        environment.BeginAt(episode.Position, episode.Velocity, episode.Activation);
        episode.Extra.Geoms.CopyTo(environment.Physics.Model.GeomPosition);
        episode.Extra.Sites.CopyTo(environment.Physics.Model.SitePosition);
        foreach (var step in episode.Steps)
        {
            Assert.Equal(step.Reward, environment.Advance(step.Control), 1e-9);
            AssertState(environment, step.Position, step.Velocity, 1e-9);
        }
    }

    internal static ControlEnvironment Make(string name, uint seed)
    {
        var (_, task) = ControlTasks.All.Single(entry => entry.Info.Name == name);
        return new ControlEnvironment(name, task, RecordedWith, ObservationKind.Vector, imageSize: 64, seed);
    }

    private static void AssertState(ControlEnvironment environment, double[] position, double[] velocity, double tolerance)
    {
        AssertClose(position, environment.Physics.Data.Position, tolerance);
        AssertClose(velocity, environment.Physics.Data.Velocity, tolerance);
    }

    private static void AssertObservation(ControlEnvironment environment, Dictionary<string, double[]> expected)
    {
        Assert.Equal(expected.Keys, environment.Keys.Select(tensor => tensor.Key));
        var start = 0;
        foreach (var (key, size) in environment.Keys)
        {
            AssertClose(expected[key], environment.Observation.Slice(start, size), Rounding);
            start += size;
        }
    }

    private static void AssertPlaces(ControlRecording.Places places, Physics physics)
    {
        if (places.Geoms.Length > 0)
        {
            AssertClose(places.Geoms, physics.Model.GeomPosition, Rounding);
        }

        if (places.Sites.Length > 0)
        {
            AssertClose(places.Sites, physics.Model.SitePosition, Rounding);
        }
    }

    private static void AssertClose(double[] expected, ReadOnlySpan<double> actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var index = 0; index < expected.Length; index++)
        {
            Assert.Equal(expected[index], actual[index], tolerance);
        }
    }
}
