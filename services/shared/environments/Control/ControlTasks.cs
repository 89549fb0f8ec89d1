using System.Collections.Immutable;
using Dreamer.Environments.Control.Domains;

namespace Dreamer.Environments.Control;

/// <summary>The tasks of the DeepMind Control suite by the names that the Dreamer papers' code gives them.</summary>
public static class ControlTasks
{
    /// <summary>Control steps of an episode, the suite's for every task.</summary>
    public const int StepLimit = 1000;

    // Published results up to 2024 repeat each action once.
    private const int ActionRepeat = 2;

    // Random scores: means over 20 episodes of uniformly random actions. Reference scores: DreamerV3 on vectors after 500,000 steps,
    // means over seeds and the last tenth before; for quadruped_walk on images after a million.
    public static ImmutableArray<(EnvironmentInfo Info, IControlTask Task)> All { get; } =
    [
        Entry("pendulum_swingup", "Swing a pendulum up with a weak motor and hold it", 0, 779, new PendulumSwingup()),
        Entry("cartpole_balance", "Keep a pole upright on a cart in the middle", 0, 991, new CartPoleTask(swingUp: false, sparse: false)),
        Entry("cartpole_balance_sparse", "The same, rewarded only near the goal", 0, null, new CartPoleTask(swingUp: false, sparse: true)),
        Entry("cartpole_swingup", "Swing a pole up by moving the cart that it hangs from", 0, 851, new CartPoleTask(swingUp: true, sparse: false)),
        Entry("cartpole_swingup_sparse", "The same, rewarded only near the goal", 0, 462, new CartPoleTask(swingUp: true, sparse: true)),
        Entry("acrobot_swingup", "Swing a two-link arm up, driven at the elbow only", 0, 158, new AcrobotSwingup()),
        Entry("reacher_easy", "Touch a large target with a planar arm", 0, 944, new ReacherTask(0.05)),
        Entry("reacher_hard", "Touch a small target with a planar arm", 0, null, new ReacherTask(0.015)),
        Entry("ball_in_cup_catch", "Swing a ball on a string into a cup", 0, 964, new BallInCupCatch()),
        Entry("finger_spin", "Keep a body on a hinge spinning", 0, 936, new FingerSpin()),
        Entry("finger_turn_easy", "Turn a body on a hinge to a large target", 0, null, new FingerTurn(0.07)),
        Entry("finger_turn_hard", "Turn a body on a hinge to a small target", 0, null, new FingerTurn(0.03)),
        Entry("hopper_stand", "Stand on one leg in the plane", 0, 544, new HopperTask(hop: false)),
        Entry("hopper_hop", "Hop forward on one leg in the plane", 0, null, new HopperTask(hop: true)),
        Entry("cheetah_run", "Run forward on two legs in the plane", 0, 600, new CheetahRun()),
        Entry("walker_stand", "Stand on two legs in the plane", 0, 953, new WalkerTask(speed: 0)),
        Entry("walker_walk", "Walk forward on two legs in the plane", 0, 941, new WalkerTask(speed: 1)),
        Entry("walker_run", "Run forward on two legs in the plane", 0, 637, new WalkerTask(speed: 8)),
        Entry("point_mass_easy", "Bring a point mass to the middle of the plane", 0, null, new PointMassEasy()),
        Entry("quadruped_walk", "Walk forward on four legs", 0, 802, new QuadrupedMove(speed: 0.5)),
        Entry("quadruped_run", "Run forward on four legs", 0, null, new QuadrupedMove(speed: 5)),
        Entry("humanoid_stand", "Stand as a human body", 0, null, new HumanoidMove(speed: 0)),
        Entry("humanoid_walk", "Walk as a human body", 0, null, new HumanoidMove(speed: 1)),
        Entry("humanoid_run", "Run as a human body", 0, null, new HumanoidMove(speed: 10)),
    ];

    private static (EnvironmentInfo Info, IControlTask Task) Entry(
        string name, string description, double random, double? reference, IControlTask task) =>
        (new EnvironmentInfo($"dmc_{name}", description, StepLimit, ActionRepeat, random, reference), task);
}
