using System.Numerics;

namespace Dreamer.Environments.CarRacing;

/// <summary>
/// Holds the centre of a wheel at an anchor of the hull and steers it by a motor between two stops: the revolute joint of
/// Box2D 2.3 (sequential impulses, warm started), in float32 and in its order of operations.
/// </summary>
internal sealed class WheelJoint(RigidBody hull, RigidBody wheel, Vector2 anchor)
{
    private const float Stop = 0.4f;
    private const float MaximalTorque = (float)(180 * 900 * Car.Unit * Car.Unit);
    private const float LinearSlop = 0.005f;
    private const float AngularSlop = 2f / 180 * 3.14159265359f;
    private const float AngularCorrection = 8f / 180 * 3.14159265359f;

    private readonly float hullMass = hull.InverseMass;
    private readonly float hullInertia = hull.InverseInertia;
    private readonly float wheelMass = wheel.InverseMass;
    private readonly float wheelInertia = wheel.InverseInertia;
    private readonly float motorMass = 1 / (hull.InverseInertia + wheel.InverseInertia);
    private Vector2 arm;
    private EffectiveMass mass;
    private Vector2 impulse;
    private float stopImpulse;
    private float motorImpulse;
    private int limit;

    /// <summary>Radians per second at which the motor turns the wheel against the hull.</summary>
    public float MotorSpeed { get; set; }

    /// <summary>The wheel's angle against the hull, radians.</summary>
    public float Angle => wheel.Angle - hull.Angle;

    /// <summary>Prepares a step and applies what the last one ended with.</summary>
    public void Begin()
    {
        arm = hull.Arm(anchor, hull.Angle);
        mass = new EffectiveMass(hullMass + wheelMass, hullInertia, wheelInertia, arm);
        var reached = Angle <= -Stop ? -1 : Angle >= Stop ? 1 : 0;
        stopImpulse = reached == limit ? stopImpulse : 0;
        limit = reached;
        Apply(impulse, motorImpulse, stopImpulse);
    }

    /// <summary>One pass over the velocities: the motor, then the anchor together with the stop that is reached.</summary>
    public void SolveVelocity(float seconds)
    {
        var ceiling = seconds * MaximalTorque;
        var before = motorImpulse;
        motorImpulse = Math.Clamp(motorImpulse + (-motorMass * (wheel.Spin - hull.Spin - MotorSpeed)), -ceiling, ceiling);
        var change = motorImpulse - before;
        hull.Spin -= hullInertia * change;
        wheel.Spin += wheelInertia * change;

        var slip = wheel.Velocity - hull.Velocity - new Vector2(-hull.Spin * arm.Y, hull.Spin * arm.X);
        var (push, turn) = limit == 0 ? (mass.Solve(-slip), 0) : mass.Undo(slip, wheel.Spin - hull.Spin);
        if (limit * (stopImpulse + turn) > 0)
        {
            // A stop only ever pushes back.
            push = mass.Solve(-slip + (stopImpulse * mass.Coupling));
            turn = -stopImpulse;
        }

        impulse += push;
        stopImpulse += turn;
        Apply(push, 0, turn);
    }

    /// <summary>One pass over the positions; whether the joint already held well enough.</summary>
    public bool SolvePosition()
    {
        var angularError = 0f;
        if (limit != 0)
        {
            var excess = Angle - (limit * Stop);
            angularError = limit * excess;
            var correction = limit < 0
                ? Math.Clamp(excess + AngularSlop, -AngularCorrection, 0)
                : Math.Clamp(excess - AngularSlop, 0, AngularCorrection);
            var turn = -motorMass * correction;
            hull.Angle -= hullInertia * turn;
            wheel.Angle += wheelInertia * turn;
        }

        var lever = hull.Arm(anchor, hull.Angle);
        var gap = wheel.Centre - hull.Centre - lever;
        var push = -new EffectiveMass(hullMass + wheelMass, hullInertia, wheelInertia, lever).Solve(gap);
        hull.Centre -= hullMass * push;
        hull.Angle -= hullInertia * Cross(lever, push);
        wheel.Centre += wheelMass * push;
        return MathF.Sqrt((gap.X * gap.X) + (gap.Y * gap.Y)) <= LinearSlop && angularError <= AngularSlop;
    }

    private void Apply(Vector2 push, float motor, float stop)
    {
        hull.Velocity -= hullMass * push;
        hull.Spin -= hullInertia * (Cross(arm, push) + motor + stop);
        wheel.Velocity += wheelMass * push;
        wheel.Spin += wheelInertia * (motor + stop);
    }

    private static float Cross(Vector2 a, Vector2 b) => (a.X * b.Y) - (a.Y * b.X);
}
