using System.Collections.Immutable;
using System.Xml.Linq;
using Dreamer.Environments.Mujoco;
using Dreamer.Environments.Numpy;

namespace Dreamer.Environments.Control.Domains;

/// <summary>Turn a body on a hinge until its tip lies in a target at a random angle; 1 inside, else 0.</summary>
/// <param name="targetRadius">Metres.</param>
public sealed class FingerTurn(double targetRadius) : IControlTask
{
    public int SubSteps => Finger.SubSteps;

    public int ControlSize => 2;

    public ImmutableArray<(string Key, int Size)> Observations { get; } =
        [("position", 4), ("velocity", 3), ("touch", 2), ("target_position", 2), ("dist_to_target", 1)];

    public XElement Model() => Finger.Model();

    public void Begin(Physics physics, RandomState random)
    {
        var angle = random.Uniform(-Math.PI, Math.PI);
        var hinge = physics.Data.JointAnchor.Slice(3 * physics.IdOf(ObjectKind.Joint, "hinge"), 3);
        var cap = physics.Model.GeomSize.Slice(3 * physics.IdOf(ObjectKind.Geom, "cap1"), 3);
        var radius = cap[0] + cap[1] + cap[2];
        var target = Finger.Target(physics);
        physics.Model.SitePosition[target] = hinge[0] + (radius * Math.Sin(angle));
        physics.Model.SitePosition[target + 2] = hinge[2] + (radius * Math.Cos(angle));
        physics.Model.SiteSize[target] = targetRadius;
        Finger.DrawPose(physics, random);
    }

    public void Observe(Physics physics, ref ObservationWriter into)
    {
        var (x, z) = Finger.FromHinge(physics, "target");
        Finger.Observe(physics, ref into);
        into.Add(x);
        into.Add(z);
        into.Add(DistanceToTarget(physics));
    }

    public double Reward(Physics physics) => DistanceToTarget(physics) <= 0 ? 1 : 0;

    /// <summary>From the tip to the target's surface; negative inside.</summary>
    private static double DistanceToTarget(Physics physics)
    {
        var (tip, target) = (Finger.FromHinge(physics, "tip"), Finger.FromHinge(physics, "target"));
        var distance = Vectors.Distance([target.X, target.Z], [tip.X, tip.Z]);
        return distance - physics.Model.SiteSize[Finger.Target(physics)];
    }
}
