using System.Collections.Immutable;
using System.Xml.Linq;
using Dreamer.Environments.Numpy;

namespace Dreamer.Environments.Control.Domains;

/// <summary>Swing a pendulum up with a weak motor; 1 within 8 degrees of upright, else 0.</summary>
public sealed class PendulumSwingup : IControlTask
{
    private static readonly double Upright = Math.Cos(8 * Math.PI / 180);

    public int SubSteps => 1;

    public int ControlSize => 1;

    public ImmutableArray<(string Key, int Size)> Observations { get; } = [("orientation", 2), ("velocity", 1)];

    public XElement Model() => ControlModel.Read("pendulum");

    public void Begin(Physics physics, RandomState random) => physics.Data.Position[0] = random.Uniform(-Math.PI, Math.PI);

    public void Observe(Physics physics, ref ObservationWriter into)
    {
        var pole = physics.BodyRotation("pole");
        into.Add(pole[8]);
        into.Add(pole[2]);
        into.Add(physics.Data.Velocity);
    }

    public double Reward(Physics physics) => Tolerance.Of(physics.BodyRotation("pole")[8], Upright, 1);
}
