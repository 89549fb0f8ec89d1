using System.Numerics;

namespace Dreamer.Environments.CarRacing;

/// <summary>A free body of the car in float32, as Box2D keeps it: metres, radians, seconds; the integration works on the centre of mass.</summary>
internal sealed class RigidBody
{
    private readonly Vector2 localCentre;

    /// <param name="shape">Mass, inertia and centre of mass.</param>
    /// <param name="origin">Where the body's own origin lies.</param>
    /// <param name="angle">Counterclockwise from its own frame to the world's.</param>
    public RigidBody(MassProperties shape, Vector2 origin, float angle)
    {
        localCentre = shape.Centre;
        (InverseMass, InverseInertia) = (1 / shape.Mass, 1 / shape.Inertia);
        (Origin, Angle) = (origin, angle);
        Right = Direction(angle);
        Centre = Rotate(localCentre) + origin;
    }

    public float InverseMass { get; }

    public float InverseInertia { get; }

    /// <summary>World position of the body's own origin.</summary>
    public Vector2 Origin { get; private set; }

    /// <summary>The body's own x axis in the world; <see cref="Forward"/> is y.</summary>
    public Vector2 Right { get; private set; }

    public Vector2 Forward => new(-Right.Y, Right.X);

    /// <summary>Force for the next step; <see cref="CarSolver"/> uses it up.</summary>
    public Vector2 Force { get; set; }

    /// <summary>Seconds for which the body has hardly moved.</summary>
    public float Stillness { get; set; }

    // Fields, since the solver changes them thousands of times per step.
    public Vector2 Centre;
    public Vector2 Velocity;
    public float Angle;
    public float Spin;

    /// <summary>A vector of the body's frame, turned into the world's.</summary>
    public Vector2 Rotate(Vector2 local) => Turn(local, Right);

    /// <summary>A point of the body's frame in the world.</summary>
    public Vector2 ToWorld(Vector2 local) => Rotate(local) + Origin;

    /// <summary>Where an anchor lies from the centre of mass if the body stood at an angle.</summary>
    public Vector2 Arm(Vector2 anchor, float angle) => Turn(anchor - localCentre, Direction(angle));

    /// <summary>Takes over the centre and angle that the solver found.</summary>
    public void Settle()
    {
        Right = Direction(Angle);
        Origin = Centre - Rotate(localCentre);
    }

    private static Vector2 Direction(float angle) => new(MathF.Cos(angle), MathF.Sin(angle));

    private static Vector2 Turn(Vector2 local, Vector2 right) =>
        new((right.X * local.X) - (right.Y * local.Y), (right.Y * local.X) + (right.X * local.Y));
}
