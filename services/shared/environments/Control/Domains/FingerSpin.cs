using System.Collections.Immutable;
using System.Xml.Linq;
using Dreamer.Environments.Mujoco;
using Dreamer.Environments.Numpy;

namespace Dreamer.Environments.Control.Domains;

/// <summary>Keep a body on a hinge spinning: 1 at 15 rad/s and faster, else 0.</summary>
public sealed class FingerSpin : IControlTask
{
    public int SubSteps => Finger.SubSteps;

    public int ControlSize => 2;

    public ImmutableArray<(string Key, int Size)> Observations { get; } = [("position", 4), ("velocity", 3), ("touch", 2)];

    public XElement Model() => Finger.Model();

    public void Begin(Physics physics, RandomState random)
    {
        // Nothing to aim at, and less friction than when turning.
        physics.Model.SiteColour[(4 * physics.IdOf(ObjectKind.Site, "target")) + 3] = 0;
        physics.Model.SiteColour[(4 * physics.IdOf(ObjectKind.Site, "tip")) + 3] = 0;
        physics.Model.DofDamping[physics.Model.JointVelocityAddress[physics.IdOf(ObjectKind.Joint, "hinge")]] = 0.03;
        Finger.DrawPose(physics, random);
    }

    public void Observe(Physics physics, ref ObservationWriter into) => Finger.Observe(physics, ref into);

    public double Reward(Physics physics) => physics.Sensor("hinge_velocity")[0] <= -15 ? 1 : 0;
}
