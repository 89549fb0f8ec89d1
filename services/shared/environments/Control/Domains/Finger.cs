using System.Xml.Linq;
using Dreamer.Environments.Mujoco;
using Dreamer.Environments.Numpy;

namespace Dreamer.Environments.Control.Domains;

/// <summary>What the finger's tasks share: a finger of two links beside a body on a hinge.</summary>
internal static class Finger
{
    public const int SubSteps = 2;

    public static XElement Model() => ControlModel.Read("finger");

    public static void DrawPose(Physics physics, RandomState random) => RandomPose.DrawFree(physics, random, RandomPose.Draw);

    /// <summary>Of a site in the plane of motion, relative to the hinge.</summary>
    public static (double X, double Z) FromHinge(Physics physics, string site)
    {
        var point = physics.Sensor(site);
        var hinge = physics.Sensor("spinner");
        return (point[0] - hinge[0], point[2] - hinge[2]);
    }

    /// <summary>Keys <c>position</c> [4], <c>velocity</c> [3], <c>touch</c> [2].</summary>
    public static void Observe(Physics physics, ref ObservationWriter into)
    {
        var (x, z) = FromHinge(physics, "tip");
        into.Add(physics.Sensor("proximal"));
        into.Add(physics.Sensor("distal"));
        into.Add(x);
        into.Add(z);
        into.Add(physics.Sensor("proximal_velocity"));
        into.Add(physics.Sensor("distal_velocity"));
        into.Add(physics.Sensor("hinge_velocity"));
        into.Add(Touch.Of(physics, "touchtop"));
        into.Add(Touch.Of(physics, "touchbottom"));
    }

    /// <summary>Sites of the target, by where they begin in arrays of three per site.</summary>
    public static int Target(Physics physics) => 3 * physics.IdOf(ObjectKind.Site, "target");
}
