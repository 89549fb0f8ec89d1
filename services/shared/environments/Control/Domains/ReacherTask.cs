using System.Collections.Immutable;
using System.Xml.Linq;
using Dreamer.Environments.Mujoco;
using Dreamer.Environments.Numpy;

namespace Dreamer.Environments.Control.Domains;

/// <summary>Touch a target at a random place with the tip of a planar arm of two links; 1 while they touch, else 0.</summary>
/// <param name="targetRadius">Metres.</param>
public sealed class ReacherTask(double targetRadius) : IControlTask
{
    public int SubSteps => 1;

    public int ControlSize => 2;

    public ImmutableArray<(string Key, int Size)> Observations { get; } = [("position", 2), ("to_target", 2), ("velocity", 2)];

    public XElement Model() => ControlModel.Read("reacher");

    public void Begin(Physics physics, RandomState random)
    {
        var target = 3 * physics.IdOf(ObjectKind.Geom, "target");
        physics.Model.GeomSize[target] = targetRadius;
        RandomPose.Draw(physics, random);
        var angle = random.Uniform(0, 2 * Math.PI);
        var distance = random.Uniform(0.05, 0.2);
        physics.Model.GeomPosition[target] = distance * Math.Sin(angle);
        physics.Model.GeomPosition[target + 1] = distance * Math.Cos(angle);
    }

    public void Observe(Physics physics, ref ObservationWriter into)
    {
        var target = physics.GeomPosition("target");
        var finger = physics.GeomPosition("finger");
        into.Add(physics.Data.Position);
        into.Add(target[0] - finger[0]);
        into.Add(target[1] - finger[1]);
        into.Add(physics.Data.Velocity);
    }

    public double Reward(Physics physics)
    {
        var radii = physics.Model.GeomSize[3 * physics.IdOf(ObjectKind.Geom, "target")]
            + physics.Model.GeomSize[3 * physics.IdOf(ObjectKind.Geom, "finger")];
        return Tolerance.Of(Vectors.Distance(physics.GeomPosition("target")[..2], physics.GeomPosition("finger")[..2]), 0, radii);
    }
}
