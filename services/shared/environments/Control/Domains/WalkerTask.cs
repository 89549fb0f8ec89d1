using System.Collections.Immutable;
using System.Xml.Linq;
using Dreamer.Environments.Numpy;

namespace Dreamer.Environments.Control.Domains;

/// <summary>Stand, walk or run on two legs in the plane.</summary>
/// <param name="speed">Metres per second to reach; 0 to stand only.</param>
public sealed class WalkerTask(double speed) : IControlTask
{
    private const double StandHeight = 1.2;

    public int SubSteps => 10;

    public int ControlSize => 6;

    public ImmutableArray<(string Key, int Size)> Observations { get; } = [("orientations", 14), ("height", 1), ("velocity", 9)];

    public XElement Model() => ControlModel.Read("walker");

    public void Begin(Physics physics, RandomState random) => RandomPose.Draw(physics, random);

    public void Observe(Physics physics, ref ObservationWriter into)
    {
        for (var body = 1; body < physics.Model.BodyCount; body++)
        {
            into.Add(physics.Data.BodyRotation[9 * body]);
            into.Add(physics.Data.BodyRotation[(9 * body) + 2]);
        }

        into.Add(physics.BodyPosition("torso")[2]);
        into.Add(physics.Data.Velocity);
    }

    public double Reward(Physics physics)
    {
        var standing = Tolerance.Of(physics.BodyPosition("torso")[2], StandHeight, double.PositiveInfinity, StandHeight / 2);
        var upright = (1 + physics.BodyRotation("torso")[8]) / 2;
        var stand = ((3 * standing) + upright) / 4;
        if (speed == 0)
        {
            return stand;
        }

        var moving = Tolerance.Of(
            physics.Sensor("torso_subtreelinvel")[0], speed, double.PositiveInfinity, speed / 2, Sigmoid.Linear, atMargin: 0.5);
        return stand * ((5 * moving) + 1) / 6;
    }
}
