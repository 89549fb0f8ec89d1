using System.Collections.Immutable;
using System.Xml.Linq;
using Dreamer.Environments.Mujoco;
using Dreamer.Environments.Numpy;

namespace Dreamer.Environments.Control.Domains;

/// <summary>Swing a two-link arm up to a target above it, driven at its elbow only.</summary>
public sealed class AcrobotSwingup : IControlTask
{
    public int SubSteps => 1;

    public int ControlSize => 1;

    public ImmutableArray<(string Key, int Size)> Observations { get; } = [("orientations", 4), ("velocity", 2)];

    public XElement Model() => ControlModel.Read("acrobot");

    public void Begin(Physics physics, RandomState random)
    {
        foreach (ref var angle in physics.Data.Position)
        {
            angle = random.Uniform(-Math.PI, Math.PI);
        }
    }

    public void Observe(Physics physics, ref ObservationWriter into)
    {
        var upper = physics.BodyRotation("upper_arm");
        var lower = physics.BodyRotation("lower_arm");
        into.Add(upper[2]);
        into.Add(lower[2]);
        into.Add(upper[8]);
        into.Add(lower[8]);
        into.Add(physics.Data.Velocity);
    }

    public double Reward(Physics physics)
    {
        var radius = physics.Model.SiteSize[3 * physics.IdOf(ObjectKind.Site, "target")];
        return Tolerance.Of(Vectors.Distance(physics.SitePosition("target"), physics.SitePosition("tip")), 0, radius, margin: 1);
    }
}
