using System.Collections.Immutable;
using Dreamer.Environments.Control.Domains;
using Dreamer.Environments.Mujoco;

namespace Dreamer.Environments.Control;

/// <summary>The tasks of the DeepMind Control suite by the names that the Dreamer papers' code gives them.</summary>
public static class ControlTasks
{
    /// <summary>Control steps of an episode, the suite's for every task.</summary>
    public const int StepLimit = 1000;

    // Published results up to 2024 repeat each action once.
    private const int ActionRepeat = 2;

    // Random scores: means over 100 episodes of uniformly random actions. Reference scores: DreamerV3 on vectors after 500,000 steps,
    // means over seeds and the last tenth before; for quadruped_walk on images after a million.
    public static ImmutableArray<(EnvironmentInfo Info, IControlTask Task)> All { get; } =
    [
        Entry("pendulum_swingup", "Swing a pendulum up with a weak motor and hold it", 0.2, 779, new PendulumSwingup()),
        Entry("cartpole_balance", "Keep a pole upright on a cart in the middle", 360, 991, new CartPoleTask(swingUp: false, sparse: false)),
        Entry("cartpole_balance_sparse", "The same, rewarded only near the goal", 51, null, new CartPoleTask(swingUp: false, sparse: true)),
        Entry("cartpole_swingup", "Swing a pole up by moving the cart that it hangs from", 27, 851, new CartPoleTask(swingUp: true, sparse: false)),
        Entry("cartpole_swingup_sparse", "The same, rewarded only near the goal", 0, 462, new CartPoleTask(swingUp: true, sparse: true)),
        Entry("acrobot_swingup", "Swing a two-link arm up, driven at the elbow only", 2.4, 158, new AcrobotSwingup()),
        Entry("reacher_easy", "Touch a large target with a planar arm", 50, 944, new ReacherTask(0.05)),
        Entry("reacher_hard", "Touch a small target with a planar arm", 11, null, new ReacherTask(0.015)),
        Entry("ball_in_cup_catch", "Swing a ball on a string into a cup", 91, 964, new BallInCupCatch()),
        Entry("finger_spin", "Keep a body on a hinge spinning", 0.4, 936, new FingerSpin()),
        Entry("finger_turn_easy", "Turn a body on a hinge to a large target", 202, null, new FingerTurn(0.07)),
        Entry("finger_turn_hard", "Turn a body on a hinge to a small target", 71, null, new FingerTurn(0.03)),
        Entry("hopper_stand", "Stand on one leg in the plane", 2.2, 544, new HopperTask(hop: false)),
        Entry("hopper_hop", "Hop forward on one leg in the plane", 0.1, null, new HopperTask(hop: true)),
        Entry("cheetah_run", "Run forward on two legs in the plane", 3.8, 600, new CheetahRun()),
        Entry("walker_stand", "Stand on two legs in the plane", 129, 953, new WalkerTask(speed: 0)),
        Entry("walker_walk", "Walk forward on two legs in the plane", 33, 941, new WalkerTask(speed: 1)),
        Entry("walker_run", "Run forward on two legs in the plane", 23, 637, new WalkerTask(speed: 8)),
        Entry("point_mass_easy", "Bring a point mass to the middle of the plane", 0.2, null, new PointMassEasy()),
        Entry("quadruped_walk", "Walk forward on four legs", 120, 802, new QuadrupedMove(speed: 0.5)),
        Entry("quadruped_run", "Run forward on four legs", 120, null, new QuadrupedMove(speed: 5)),
        Entry("humanoid_stand", "Stand as a human body", 4.5, null, new HumanoidMove(speed: 0)),
        Entry("humanoid_walk", "Walk as a human body", 1, null, new HumanoidMove(speed: 1)),
        Entry("humanoid_run", "Run as a human body", 0.8, null, new HumanoidMove(speed: 10)),
    ];

    /// <summary>Loads MuJoCo where the options name one of these tasks, so that its absence shows before the first episode.</summary>
    /// <exception cref="MujocoException">It is missing or of an unknown version.</exception>
    public static void RequireLibrary(EnvironmentOptions options)
    {
        if (All.Any(entry => entry.Info.Name == options.Name))
        {
            MujocoLibrary.Load(options.Mujoco);
        }
    }

    private static (EnvironmentInfo Info, IControlTask Task) Entry(
        string name, string description, double random, double? reference, IControlTask task) =>
        (new EnvironmentInfo($"dmc_{name}", description, StepLimit, ActionRepeat, random, reference), task);
}
