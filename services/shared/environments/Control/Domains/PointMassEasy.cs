using System.Collections.Immutable;
using System.Xml.Linq;
using Dreamer.Environments.Mujoco;
using Dreamer.Environments.Numpy;

namespace Dreamer.Environments.Control.Domains;

/// <summary>Bring a point mass to the middle of the plane and hold it there calmly.</summary>
public sealed class PointMassEasy : IControlTask
{
    public int SubSteps => 1;

    public int ControlSize => 2;

    public ImmutableArray<(string Key, int Size)> Observations { get; } = [("position", 2), ("velocity", 2)];

    public XElement Model() => ControlModel.Read("point_mass");

    public void Begin(Physics physics, RandomState random) => RandomPose.Draw(physics, random);

    public void Observe(Physics physics, ref ObservationWriter into)
    {
        into.Add(physics.Data.Position);
        into.Add(physics.Data.Velocity);
    }

    public double Reward(Physics physics)
    {
        var radius = physics.Model.GeomSize[3 * physics.IdOf(ObjectKind.Geom, "target")];
        var distance = Vectors.Distance(physics.GeomPosition("target"), physics.GeomPosition("pointmass"));
        return Tolerance.Of(distance, 0, radius, margin: radius) * ((Tolerance.OfSmall(physics.Data.Control) + 4) / 5);
    }
}
