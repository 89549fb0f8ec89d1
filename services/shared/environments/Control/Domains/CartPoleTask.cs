using System.Collections.Immutable;
using System.Xml.Linq;
using Dreamer.Environments.Numpy;

namespace Dreamer.Environments.Control.Domains;

/// <summary>Keep a pole upright on a cart, in the middle of its rails and with little motion.</summary>
/// <param name="swingUp">Whether the pole hangs down at first.</param>
/// <param name="sparse">1 where the cart is near the middle and the pole nearly upright, else 0.</param>
public sealed class CartPoleTask(bool swingUp, bool sparse) : IControlTask
{
    public int SubSteps => 1;

    public int ControlSize => 1;

    public ImmutableArray<(string Key, int Size)> Observations { get; } = [("position", 3), ("velocity", 2)];

    public XElement Model() => ControlModel.Read("cartpole");

    public void Begin(Physics physics, RandomState random)
    {
        var position = physics.Data.Position;
        position[0] = swingUp ? 0.01 * random.RandN() : random.Uniform(-0.1, 0.1);
        position[1] = swingUp ? Math.PI + (0.01 * random.RandN()) : random.Uniform(-0.034, 0.034);
        foreach (ref var velocity in physics.Data.Velocity)
        {
            velocity = 0.01 * random.RandN();
        }
    }

    public void Observe(Physics physics, ref ObservationWriter into)
    {
        var pole = physics.BodyRotation("pole");
        into.Add(physics.Data.Position[0]);
        into.Add(pole[8]);
        into.Add(pole[2]);
        into.Add(physics.Data.Velocity);
    }

    public double Reward(Physics physics)
    {
        var place = physics.Data.Position[0];
        var cosine = physics.BodyRotation("pole")[8];
        if (sparse)
        {
            return Tolerance.Of(place, -0.25, 0.25) * Tolerance.Of(cosine, 0.995, 1);
        }

        var upright = (cosine + 1) / 2;
        var centred = (1 + Tolerance.Of(place, margin: 2)) / 2;
        var smallControl = (4 + Tolerance.OfSmall(physics.Data.Control)) / 5;
        var smallVelocity = (1 + Tolerance.Of(physics.Data.Velocity[1], margin: 5)) / 2;
        return upright * smallControl * smallVelocity * centred;
    }
}
