using System.Numerics;

namespace Dreamer.Environments.Rendering.Scene3D;

/// <summary>Where something is and which way its axes, of length 1 and at right angles, point in the world.</summary>
public readonly record struct Pose(Vector3 Position, Vector3 X, Vector3 Y, Vector3 Z)
{
    /// <summary>Axes as those of the world.</summary>
    public static Pose At(Vector3 position) => new(position, Vector3.UnitX, Vector3.UnitY, Vector3.UnitZ);

    /// <summary>A z axis of the given direction, and some x and y.</summary>
    public static Pose Along(Vector3 position, Vector3 direction)
    {
        var z = Vector3.Normalize(direction);
        var x = Vector3.Normalize(Vector3.Cross(MathF.Abs(z.Y) < 0.9f ? Vector3.UnitY : Vector3.UnitX, z));
        return new Pose(position, x, Vector3.Cross(z, x), z);
    }

    /// <summary>A camera or light at one point that looks at another: its -z points there, and x stays level.</summary>
    public static Pose LookAt(Vector3 from, Vector3 to)
    {
        var z = Vector3.Normalize(from - to);
        var x = Vector3.Cross(Vector3.UnitZ, z);
        x = x.LengthSquared() < 1e-8f ? Vector3.UnitX : Vector3.Normalize(x);
        return new Pose(from, x, Vector3.Cross(z, x), z);
    }

    /// <summary>From three coordinates and a row major 3x3 rotation matrix, whose columns are the axes.</summary>
    public static Pose From(ReadOnlySpan<double> position, ReadOnlySpan<double> rotation) => new(
        new((float)position[0], (float)position[1], (float)position[2]),
        new((float)rotation[0], (float)rotation[3], (float)rotation[6]),
        new((float)rotation[1], (float)rotation[4], (float)rotation[7]),
        new((float)rotation[2], (float)rotation[5], (float)rotation[8]));

    /// <summary>A direction of the world in this frame.</summary>
    public Vector3 Turn(Vector3 direction) => new(Vector3.Dot(direction, X), Vector3.Dot(direction, Y), Vector3.Dot(direction, Z));

    /// <summary>The mirror image in the plane z = 0 of another frame. Left handed.</summary>
    public Pose MirroredIn(Pose plane) => new(
        Position - (2 * Vector3.Dot(Position - plane.Position, plane.Z) * plane.Z),
        Vector3.Reflect(X, plane.Z), Vector3.Reflect(Y, plane.Z), Vector3.Reflect(Z, plane.Z));
}
