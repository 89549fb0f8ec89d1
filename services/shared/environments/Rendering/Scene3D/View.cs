using System.Numerics;
using System.Runtime.Intrinsics;

namespace Dreamer.Environments.Rendering.Scene3D;

/// <summary>
/// What a camera or a light sees, in its picture plane at distance 1 (or, for parallel light, in metres): bounds of shapes, so that most
/// of them need not be met by a ray.
/// </summary>
internal readonly record struct View(Pose Pose, bool Parallel)
{
    private const float Near = 1e-2f;

    /// <summary>Bounds that hold the whole shape.</summary>
    public Area Bounds(in Shape shape)
    {
        if (shape.Kind == ShapeKind.Plane)
        {
            return Area.Everything;
        }

        var half = Solids.HalfExtents(shape);
        var centre = Pose.Turn(shape.Pose.Position - Pose.Position);
        var reach = (half.X * Vector3.Abs(Pose.Turn(shape.Pose.X)))
            + (half.Y * Vector3.Abs(Pose.Turn(shape.Pose.Y)))
            + (half.Z * Vector3.Abs(Pose.Turn(shape.Pose.Z)));
        var (near, far) = Parallel ? (1, 1) : (-centre.Z - reach.Z, -centre.Z + reach.Z);
        if (near < Near)
        {
            return far < Near ? Area.Nothing : Area.Everything;
        }

        var (low, high) = (centre - reach, centre + reach);
        return new Area(
            low.X / (low.X < 0 ? near : far), low.Y / (low.Y < 0 ? near : far),
            high.X / (high.X > 0 ? near : far), high.Y / (high.Y > 0 ? near : far));
    }

    /// <summary>Bounds of points in front; of everything where one is not.</summary>
    public Area Bounds(in Lanes3 points, Vector256<float> wanted)
    {
        var local = (points - Lanes3.Broadcast(Pose.Position)).Into(Pose);
        var (x, y) = (local.X, local.Y);
        if (!Parallel)
        {
            var depth = -local.Z;
            if ((Vector256.LessThan(depth, Vector256.Create(Near)) & wanted).ExtractMostSignificantBits() != 0)
            {
                return Area.Everything;
            }

            (x, y) = (x / depth, y / depth);
        }

        var (least, most) = (Vector256.Create(float.MaxValue), Vector256.Create(float.MinValue));
        return new Area(
            Least(Vector256.ConditionalSelect(wanted, x, least)), Least(Vector256.ConditionalSelect(wanted, y, least)),
            -Least(-Vector256.ConditionalSelect(wanted, x, most)), -Least(-Vector256.ConditionalSelect(wanted, y, most)));
    }

    private static float Least(Vector256<float> values)
    {
        var four = Vector128.Min(values.GetLower(), values.GetUpper());
        var two = Vector128.Min(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        return MathF.Min(two.GetElement(0), two.GetElement(1));
    }
}
