using System.Numerics;
using System.Runtime.Intrinsics;

namespace Dreamer.Environments.Rendering.Scene3D;

/// <summary>Where eight rays enter a shape, and which way its surface faces there.</summary>
internal static class Solids
{
    private const float Nearest = 1e-4f;

    private static readonly Vector256<float> Miss = Vector256.Create(float.PositiveInfinity);

    /// <summary>Distance along each ray to where it enters the shape; infinite where it does not.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="origin">Where the rays start in the world.</param>
    /// <param name="direction">Of length 1.</param>
    public static Vector256<float> Enter(in Shape shape, in Lanes3 origin, in Lanes3 direction)
    {
        var o = (origin - Lanes3.Broadcast(shape.Pose.Position)).Into(shape.Pose);
        var d = direction.Into(shape.Pose);
        var size = shape.Size;
        var distance = shape.Kind switch
        {
            ShapeKind.Plane => Plane(o, d, size),
            ShapeKind.Sphere => Ball(o, d, Vector256.Create(size.X * size.X)),
            ShapeKind.Capsule => Tube(o, d, size.X, size.Y, round: true),
            ShapeKind.Cylinder => Tube(o, d, size.X, size.Y, round: false),
            ShapeKind.Ellipsoid => Ball(o * Lanes3.Broadcast(Vector3.One / size), d * Lanes3.Broadcast(Vector3.One / size), Vector256<float>.One),
            _ => Box(o, d, size),
        };
        return Vector256.ConditionalSelect(Vector256.GreaterThan(distance, Vector256.Create(Nearest)), distance, Miss);
    }

    /// <summary>Outward normals of length 1, in the world, at points of the surface.</summary>
    public static Lanes3 Normal(in Shape shape, in Lanes3 point)
    {
        if (shape.Kind == ShapeKind.Plane)
        {
            return Lanes3.Broadcast(shape.Pose.Z);
        }

        var p = (point - Lanes3.Broadcast(shape.Pose.Position)).Into(shape.Pose);
        var size = shape.Size;
        var zero = Vector256<float>.Zero;
        switch (shape.Kind)
        {
            case ShapeKind.Capsule:
                var reach = Vector256.Create(size.Y);
                p = new(p.X, p.Y, p.Z - Vector256.Max(-reach, Vector256.Min(reach, p.Z)));
                break;
            case ShapeKind.Ellipsoid:
                p *= Lanes3.Broadcast(Vector3.One / (size * size));
                break;
            case ShapeKind.Cylinder:
                var side = Vector256.LessThan(
                    Vector256.Abs(p.Z) - Vector256.Create(size.Y), Vector256.Sqrt((p.X * p.X) + (p.Y * p.Y)) - Vector256.Create(size.X));
                p = Lanes3.Select(side, new(p.X, p.Y, zero), new(zero, zero, p.Z));
                break;
            case ShapeKind.Box:
                p *= Lanes3.Broadcast(Vector3.One / size);
                var (x, y, z) = (Vector256.Abs(p.X), Vector256.Abs(p.Y), Vector256.Abs(p.Z));
                var alongX = Vector256.GreaterThanOrEqual(x, Vector256.Max(y, z));
                var alongY = Vector256.AndNot(Vector256.GreaterThanOrEqual(y, z), alongX);
                p = new(p.X & alongX, p.Y & alongY, Vector256.AndNot(p.Z, alongX | alongY));
                break;
        }

        return p.Normalised().OutOf(shape.Pose);
    }

    /// <summary>Half extents of the box, along the shape's axes, that holds it.</summary>
    public static Vector3 HalfExtents(in Shape shape) => shape.Kind switch
    {
        ShapeKind.Sphere => new(shape.Size.X),
        ShapeKind.Capsule => new(shape.Size.X, shape.Size.X, shape.Size.X + shape.Size.Y),
        ShapeKind.Cylinder => new(shape.Size.X, shape.Size.X, shape.Size.Y),
        ShapeKind.Plane => new(Endless(shape.Size.X), Endless(shape.Size.Y), 0),
        _ => shape.Size,
    };

    private static float Endless(float halfWidth) => halfWidth > 0 ? halfWidth : float.PositiveInfinity;

    private static Vector256<float> Plane(in Lanes3 o, in Lanes3 d, Vector3 size)
    {
        var distance = -o.Z / d.Z;
        var inside = Vector256.LessThanOrEqual(Vector256.Abs(o.X + (distance * d.X)), Vector256.Create(Endless(size.X)))
            & Vector256.LessThanOrEqual(Vector256.Abs(o.Y + (distance * d.Y)), Vector256.Create(Endless(size.Y)))
            & Vector256.LessThan(d.Z, Vector256<float>.Zero);
        return Vector256.ConditionalSelect(inside, distance, Miss);
    }

    // A ball around the origin, for directions of any length: an ellipsoid is a ball in its own scale.
    private static Vector256<float> Ball(in Lanes3 o, in Lanes3 d, Vector256<float> squaredRadius)
    {
        var a = Lanes3.Dot(d, d);
        var b = Lanes3.Dot(o, d);
        var root = (b * b) - (a * (Lanes3.Dot(o, o) - squaredRadius));
        return Vector256.ConditionalSelect(
            Vector256.GreaterThanOrEqual(root, Vector256<float>.Zero), (-b - Vector256.Sqrt(root)) / a, Miss);
    }

    // A tube along z that ends flat or in half balls. A ray that misses the endless tube misses both kinds.
    private static Vector256<float> Tube(in Lanes3 o, in Lanes3 d, float radius, float half, bool round)
    {
        var squaredRadius = Vector256.Create(radius * radius);
        var length = Vector256.Create(half);
        var a = Vector256.Max((d.X * d.X) + (d.Y * d.Y), Vector256.Create(1e-12f));
        var b = (o.X * d.X) + (o.Y * d.Y);
        var root = (b * b) - (a * ((o.X * o.X) + (o.Y * o.Y) - squaredRadius));
        var hit = Vector256.GreaterThanOrEqual(root, Vector256<float>.Zero);
        if (hit == Vector256<float>.Zero)
        {
            return Miss;
        }

        var side = (-b - Vector256.Sqrt(root)) / a;
        var height = o.Z + (side * d.Z);
        var end = CopySign(length, height);
        Vector256<float> cap;
        if (round)
        {
            cap = Ball(new(o.X, o.Y, o.Z - end), d, squaredRadius);
        }
        else
        {
            cap = (end - o.Z) / d.Z;
            var (x, y) = (o.X + (cap * d.X), o.Y + (cap * d.Y));
            cap = Vector256.ConditionalSelect(Vector256.LessThanOrEqual((x * x) + (y * y), squaredRadius), cap, Miss);
        }

        var distance = Vector256.ConditionalSelect(Vector256.LessThanOrEqual(Vector256.Abs(height), length), side, cap);
        return Vector256.ConditionalSelect(hit, distance, Miss);
    }

    private static Vector256<float> Box(in Lanes3 o, in Lanes3 d, Vector3 size)
    {
        var (enter, leave) = (-Miss, Miss);
        Slab(o.X, d.X, size.X, ref enter, ref leave);
        Slab(o.Y, d.Y, size.Y, ref enter, ref leave);
        Slab(o.Z, d.Z, size.Z, ref enter, ref leave);
        return Vector256.ConditionalSelect(Vector256.LessThanOrEqual(enter, leave), enter, Miss);
    }

    private static void Slab(Vector256<float> o, Vector256<float> d, float half, ref Vector256<float> enter, ref Vector256<float> leave)
    {
        // A direction of exactly 0 would give 0 * infinity at the border.
        var inverse = Vector256<float>.One / CopySign(Vector256.Max(Vector256.Abs(d), Vector256.Create(1e-20f)), d);
        var near = (-CopySign(Vector256.Create(half), d) - o) * inverse;
        var far = (CopySign(Vector256.Create(half), d) - o) * inverse;
        enter = Vector256.Max(enter, near);
        leave = Vector256.Min(leave, far);
    }

    private static Vector256<float> CopySign(Vector256<float> value, Vector256<float> sign) =>
        value | (sign & Vector256.Create(-0f));
}
