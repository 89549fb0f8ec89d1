using System.Numerics;

namespace Dreamer.Environments.CarRacing;

/// <summary>
/// The symmetric 3x3 matrix by which impulses at a joint change its velocity error: rows x, y and angle. The joint lies at
/// the second body's centre of mass, so only the first has an arm. Solved by Cramer's rule in float32, as Box2D does.
/// </summary>
internal readonly struct EffectiveMass
{
    private readonly float xx;
    private readonly float xy;
    private readonly float yy;
    private readonly float angle;
    private readonly float inverse2;
    private readonly float inverse3;

    /// <param name="masses">Sum of the inverse masses.</param>
    /// <param name="first">Inverse inertia of the body with the arm.</param>
    /// <param name="second">Inverse inertia of the other.</param>
    /// <param name="arm">From the first body's centre of mass to the joint.</param>
    public EffectiveMass(float masses, float first, float second, Vector2 arm)
    {
        xx = masses + (arm.Y * arm.Y * first);
        xy = -arm.Y * arm.X * first;
        yy = masses + (arm.X * arm.X * first);
        angle = first + second;
        Coupling = new Vector2(-arm.Y * first, arm.X * first);
        inverse2 = 1 / ((xx * yy) - (xy * xy));
        inverse3 = 1 / Dot(xx, xy, Coupling.X, Across(xy, yy, Coupling.Y, Coupling.X, Coupling.Y, angle));
    }

    /// <summary>How an angular impulse moves the anchor.</summary>
    public Vector2 Coupling { get; }

    /// <summary>The impulse that makes a change of velocity.</summary>
    public Vector2 Solve(Vector2 change) => new(
        inverse2 * ((yy * change.X) - (xy * change.Y)),
        inverse2 * ((xx * change.Y) - (xy * change.X)));

    /// <summary>The impulse and angular impulse that undo an error of velocity and spin.</summary>
    public (Vector2 Push, float Turn) Undo(Vector2 velocity, float spin)
    {
        var (cx, cy) = (Coupling.X, Coupling.Y);
        var x = inverse3 * Dot(velocity.X, velocity.Y, spin, Across(xy, yy, cy, cx, cy, angle));
        var y = inverse3 * Dot(xx, xy, cx, Across(velocity.X, velocity.Y, spin, cx, cy, angle));
        var turn = inverse3 * Dot(xx, xy, cx, Across(xy, yy, cy, velocity.X, velocity.Y, spin));
        return (new Vector2(-x, -y), -turn);
    }

    private static float Dot(float x, float y, float z, Vector3 other) => (x * other.X) + (y * other.Y) + (z * other.Z);

    private static Vector3 Across(float ax, float ay, float az, float bx, float by, float bz) =>
        new((ay * bz) - (az * by), (az * bx) - (ax * bz), (ax * by) - (ay * bx));
}
