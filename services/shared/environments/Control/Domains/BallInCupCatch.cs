using System.Collections.Immutable;
using System.Xml.Linq;
using Dreamer.Environments.Mujoco;
using Dreamer.Environments.Numpy;

namespace Dreamer.Environments.Control.Domains;

/// <summary>Swing a ball on a string into the cup that it hangs from; 1 while it is inside, else 0.</summary>
public sealed class BallInCupCatch : IControlTask
{
    public int SubSteps => 10;

    public int ControlSize => 2;

    public ImmutableArray<(string Key, int Size)> Observations { get; } = [("position", 4), ("velocity", 4)];

    public XElement Model() => ControlModel.Read("ball_in_cup");

    public void Begin(Physics physics, RandomState random) => RandomPose.DrawFree(physics, random, static (physics, random) =>
    {
        physics.Data.Position[2] = random.Uniform(-0.2, 0.2);
        physics.Data.Position[3] = random.Uniform(0.2, 0.5);
    });

    public void Observe(Physics physics, ref ObservationWriter into)
    {
        into.Add(physics.Data.Position);
        into.Add(physics.Data.Velocity);
    }

    public double Reward(Physics physics)
    {
        var target = physics.SitePosition("target");
        var ball = physics.BodyPosition("ball");
        var room = physics.Model.SiteSize.Slice(3 * physics.IdOf(ObjectKind.Site, "target"), 3);
        var radius = physics.Model.GeomSize[3 * physics.IdOf(ObjectKind.Geom, "ball")];
        var inside = Math.Abs(target[0] - ball[0]) < room[0] - radius && Math.Abs(target[2] - ball[2]) < room[2] - radius;
        return inside ? 1 : 0;
    }
}
