using System.Collections.Immutable;
using System.Xml.Linq;
using Dreamer.Environments.Numpy;

namespace Dreamer.Environments.Control.Domains;

/// <summary>Stand, walk or run as a simplified human body.</summary>
/// <param name="speed">Horizontal metres per second to reach, in any direction; 0 to stand still.</param>
public sealed class HumanoidMove(double speed) : IControlTask
{
    private const double StandHeight = 1.4;

    // The root's joint is free: 7 numbers of its position come before the hinges'.
    private const int RootPosition = 7;

    private static readonly string[] Extremities = ["left_hand", "left_foot", "right_hand", "right_foot"];

    public int SubSteps => 5;

    public int ControlSize => 21;

    public ImmutableArray<(string Key, int Size)> Observations { get; } =
        [("joint_angles", 21), ("head_height", 1), ("extremities", 12), ("torso_vertical", 3), ("com_velocity", 3), ("velocity", 27)];

    public XElement Model() => ControlModel.Read("humanoid");

    public void Begin(Physics physics, RandomState random) => RandomPose.DrawFree(physics, random, RandomPose.Draw);

    public void Observe(Physics physics, ref ObservationWriter into)
    {
        var torso = physics.BodyPosition("torso");
        var frame = physics.BodyRotation("torso");
        into.Add(physics.Data.Position[RootPosition..]);
        into.Add(physics.BodyPosition("head")[2]);
        foreach (var extremity in Extremities)
        {
            Vectors.AddLocal(ref into, physics.BodyPosition(extremity), torso, frame);
        }

        into.Add(frame[6..]);
        into.Add(physics.Sensor("torso_subtreelinvel"));
        into.Add(physics.Data.Velocity);
    }

    public double Reward(Physics physics)
    {
        var standing = Tolerance.Of(physics.BodyPosition("head")[2], StandHeight, double.PositiveInfinity, StandHeight / 4);
        var upright = Tolerance.Of(
            physics.BodyRotation("torso")[8], 0.9, double.PositiveInfinity, margin: 1.9, Sigmoid.Linear, atMargin: 0);
        var stand = standing * upright;
        var smallControl = (4 + Tolerance.OfSmall(physics.Data.Control)) / 5;
        var velocity = physics.Sensor("torso_subtreelinvel")[..2];
        if (speed == 0)
        {
            var still = (Tolerance.Of(velocity[0], margin: 2) + Tolerance.Of(velocity[1], margin: 2)) / 2;
            return smallControl * stand * still;
        }

        var moving = Tolerance.Of(
            Vectors.Distance(velocity, [0, 0]), speed, double.PositiveInfinity, speed, Sigmoid.Linear, atMargin: 0);
        return smallControl * stand * (((5 * moving) + 1) / 6);
    }
}
