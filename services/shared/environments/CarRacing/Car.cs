using System.Numerics;

namespace Dreamer.Environments.CarRacing;

/// <summary>A hull on four wheels that are steered, driven and braked: front left, front right, rear left, rear right.</summary>
internal sealed class Car
{
    /// <summary>Metres per unit of the original's drawing.</summary>
    public const double Unit = 0.02;

    /// <summary>Seconds per step.</summary>
    public const double StepSeconds = 1.0 / 50;

    /// <summary>The hull's four convex parts and a wheel, in their own frames; counterclockwise from the corner that Box2D starts at.</summary>
    public static readonly Vector2[][] HullParts =
    [
        Corners((60, 110), (60, 130), (-60, 130), (-60, 110)),
        Corners((20, 20), (15, 120), (-15, 120), (-20, 20)),
        Corners((50, -40), (50, -10), (25, 20), (-25, 20), (-50, -10), (-50, -40), (-20, -90), (20, -90)),
        Corners((50, -120), (50, -90), (-50, -90), (-50, -120)),
    ];

    public static readonly Vector2[] WheelPart = Corners((14, -27), (14, 27), (-14, 27), (-14, -27));

    private static readonly MassProperties HullMass = MassProperties.Of(1, HullParts[3], HullParts[2], HullParts[1], HullParts[0]);
    private static readonly MassProperties WheelMass = MassProperties.Of(0.1f, WheelPart);

    private readonly CarSolver solver;
    private double steer;
    private double gas;
    private double brake;

    /// <summary>A car at rest. The wheels start as if the angle were 0; the joints pull them into place within the first step.</summary>
    public Car(double angle, double x, double y)
    {
        Hull = new RigidBody(HullMass, new Vector2((float)x, (float)y), (float)angle);
        (int X, int Y)[] places = [(-55, 80), (55, 80), (-55, -82), (55, -82)];
        var joints = new WheelJoint[places.Length];
        Wheels = new Wheel[places.Length];
        for (var index = 0; index < places.Length; index++)
        {
            var (right, forward) = (places[index].X * Unit, places[index].Y * Unit);
            var body = new RigidBody(WheelMass, new Vector2((float)(x + right), (float)(y + forward)), (float)angle);
            joints[index] = new WheelJoint(Hull, body, new Vector2((float)right, (float)forward));
            Wheels[index] = new Wheel(body, joints[index], driven: places[index].Y < 0);
        }

        Array.Reverse(joints);
        solver = new CarSolver([Hull, .. Wheels.Select(wheel => wheel.Body)], joints);
    }

    public RigidBody Hull { get; }

    public Wheel[] Wheels { get; }

    /// <summary>Metres per second.</summary>
    public float Speed => Hull.Velocity.Length();

    /// <summary>Sets the controls for the next <see cref="Drive"/>.</summary>
    /// <param name="right">Steering wheel, -1 (left) to 1 (right); the front wheels turn by at most 0.4 rad.</param>
    /// <param name="throttle">0 to 1.</param>
    /// <param name="pedal">Brake, 0 to 1.</param>
    public void Control(double right, double throttle, double pedal) =>
        (steer, gas, brake) = (-right, Math.Clamp(throttle, 0, 1), pedal);

    /// <summary>Lets the tyres push: call it, look up the tiles that the wheels touch, then <see cref="Move"/>.</summary>
    public void Drive()
    {
        for (var index = 0; index < Wheels.Length; index++)
        {
            Wheels[index].Drive(StepSeconds, index < 2 ? steer : 0, gas, brake);
        }
    }

    /// <summary>Moves all bodies one step on.</summary>
    public void Move() => solver.Step((float)StepSeconds);

    private static Vector2[] Corners(params ReadOnlySpan<(int X, int Y)> units)
    {
        var corners = new Vector2[units.Length];
        for (var index = 0; index < corners.Length; index++)
        {
            corners[index] = new Vector2((float)(units[index].X * Unit), (float)(units[index].Y * Unit));
        }

        return corners;
    }
}
