namespace Dreamer.Environments.CarRacing;

/// <summary>
/// One step of Box2D 2.3 for bodies that hang together by joints, without gravity and solid contacts: velocities by
/// sequential impulses, then positions. Bodies and joints come in the order in which Box2D would visit them.
/// </summary>
internal sealed class CarSolver(RigidBody[] bodies, WheelJoint[] joints)
{
    private const int VelocityPasses = 180;
    private const int PositionPasses = 60;
    private const float LongestMove = 2;
    private const float SleepAfter = 0.5f;
    private const float SlowSpeed = 0.01f;
    private const float SlowSpin = 2f / 180 * 3.14159265359f;

    public void Step(float seconds)
    {
        foreach (var body in bodies)
        {
            body.Velocity += seconds * (body.InverseMass * body.Force);
            body.Force = default;
        }

        foreach (var joint in joints)
        {
            joint.Begin();
        }

        for (var pass = 0; pass < VelocityPasses; pass++)
        {
            foreach (var joint in joints)
            {
                joint.SolveVelocity(seconds);
            }
        }

        foreach (var body in bodies)
        {
            var move = seconds * body.Velocity;
            var squared = (move.X * move.X) + (move.Y * move.Y);
            if (squared > LongestMove * LongestMove)
            {
                body.Velocity *= LongestMove / MathF.Sqrt(squared);
            }

            body.Centre += seconds * body.Velocity;
            body.Angle += seconds * body.Spin;
        }

        var solved = SolvePositions();
        foreach (var body in bodies)
        {
            body.Settle();
        }

        Rest(seconds, solved);
    }

    private bool SolvePositions()
    {
        var solved = false;
        for (var pass = 0; pass < PositionPasses && !solved; pass++)
        {
            solved = true;
            foreach (var joint in joints)
            {
                solved &= joint.SolvePosition();
            }
        }

        return solved;
    }

    /// <summary>A car that has hardly moved for half a second stops altogether; its motors wake it at the next step.</summary>
    private void Rest(float seconds, bool solved)
    {
        var shortest = float.MaxValue;
        foreach (var body in bodies)
        {
            var speed = (body.Velocity.X * body.Velocity.X) + (body.Velocity.Y * body.Velocity.Y);
            var slow = body.Spin * body.Spin <= SlowSpin * SlowSpin && speed <= SlowSpeed * SlowSpeed;
            body.Stillness = slow ? body.Stillness + seconds : 0;
            shortest = MathF.Min(shortest, body.Stillness);
        }

        if (shortest < SleepAfter || !solved)
        {
            return;
        }

        foreach (var body in bodies)
        {
            (body.Velocity, body.Spin, body.Stillness) = (default, 0, 0);
        }
    }
}
