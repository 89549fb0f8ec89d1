using System.Collections.Immutable;
using System.Xml.Linq;
using Dreamer.Environments.Numpy;

namespace Dreamer.Environments.Control.Domains;

/// <summary>Stand on, or hop forward with, the only leg of a planar body.</summary>
/// <param name="hop">Whether to move forward instead of standing calmly.</param>
public sealed class HopperTask(bool hop) : IControlTask
{
    private const double HopSpeed = 2;

    public int SubSteps => 4;

    public int ControlSize => 4;

    public ImmutableArray<(string Key, int Size)> Observations { get; } = [("position", 6), ("velocity", 7), ("touch", 2)];

    public XElement Model() => ControlModel.Read("hopper");

    public void Begin(Physics physics, RandomState random) => RandomPose.Draw(physics, random);

    public void Observe(Physics physics, ref ObservationWriter into)
    {
        into.Add(physics.Data.Position[1..]);
        into.Add(physics.Data.Velocity);
        into.Add(Touch.Of(physics, "touch_toe"));
        into.Add(Touch.Of(physics, "touch_heel"));
    }

    public double Reward(Physics physics)
    {
        var height = physics.BodyCentre("torso")[2] - physics.BodyCentre("foot")[2];
        var standing = Tolerance.Of(height, 0.6, 2);
        if (!hop)
        {
            return standing * ((Tolerance.OfSmall(physics.Data.Control) + 4) / 5);
        }

        var speed = physics.Sensor("torso_subtreelinvel")[0];
        return standing * Tolerance.Of(speed, HopSpeed, double.PositiveInfinity, HopSpeed / 2, Sigmoid.Linear, atMargin: 0.5);
    }
}
