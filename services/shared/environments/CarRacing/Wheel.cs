using System.Numerics;

namespace Dreamer.Environments.CarRacing;

/// <summary>A wheel: its body, how fast it rolls, and the grip between tyre and ground. Double precision, as the original's Python.</summary>
internal sealed class Wheel(RigidBody body, WheelJoint joint, bool driven)
{
    public const double Radius = 27 * Car.Unit;

    private const double EnginePower = 100000000 * Car.Unit * Car.Unit;
    private const double Inertia = 4000 * Car.Unit * Car.Unit;
    private const double RoadGrip = 1000000 * Car.Unit * Car.Unit;
    private const double GrassGrip = RoadGrip * 0.6;
    private const double Stiffness = 205000 * Car.Unit * Car.Unit;
    private const double BrakeSpeed = 15;
    private const double BlockingBrake = 0.9;
    private const double ThrottleRise = 0.1;

    private double throttle;

    public RigidBody Body { get; } = body;

    /// <summary>Steering angle against the hull, radians.</summary>
    public float Angle => joint.Angle;

    /// <summary>Radians per second at which it rolls.</summary>
    public double Roll { get; private set; }

    /// <summary>Radians through which it has rolled.</summary>
    public double Phase { get; private set; }

    /// <summary>Road tiles that it touches; 0 is grass.</summary>
    public int Tiles { get; set; }

    /// <summary>Steers, drives, brakes, and pushes the body by what the tyre holds.</summary>
    /// <param name="seconds">Length of the step.</param>
    /// <param name="steer">Wanted angle, radians.</param>
    /// <param name="gas">0 to 1; rises slowly, falls at once.</param>
    /// <param name="brake">0 to 1; from 0.9 on the wheel stands still.</param>
    public void Drive(double seconds, double steer, double gas, double brake)
    {
        var error = steer - Angle;
        joint.MotorSpeed = (float)(Math.Sign(error) * Math.Min(50 * Math.Abs(error), 3));
        throttle = driven ? throttle + Math.Min(gas - throttle, ThrottleRise) : 0;

        Vector2 forward = Body.Forward, right = Body.Right, velocity = Body.Velocity;
        var ahead = ((double)forward.X * velocity.X) + ((double)forward.Y * velocity.Y);
        var aside = ((double)right.X * velocity.X) + ((double)right.Y * velocity.Y);

        Roll += seconds * EnginePower * throttle / Inertia / (Math.Abs(Roll) + 5);
        Roll = brake >= BlockingBrake ? 0 : Roll - (Math.Sign(Roll) * Math.Min(BrakeSpeed * brake, Math.Abs(Roll)));
        Phase += Roll * seconds;

        var push = (-ahead + (Roll * Radius)) * Stiffness;
        var hold = -aside * Stiffness;
        var force = Math.Sqrt((push * push) + (hold * hold));
        var grip = Tiles > 0 ? RoadGrip : GrassGrip;
        if (force > grip)
        {
            push = push / force * grip;
            hold = hold / force * grip;
        }

        Roll -= seconds * push * Radius / Inertia;
        Body.Force += new Vector2((float)((hold * right.X) + (push * forward.X)), (float)((hold * right.Y) + (push * forward.Y)));
    }
}
