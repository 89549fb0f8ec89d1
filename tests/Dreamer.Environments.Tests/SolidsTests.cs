using System.Numerics;
using System.Runtime.Intrinsics;
using Dreamer.Environments.Rendering.Scene3D;

namespace Dreamer.Environments.Tests;

/// <summary>Rays against the shapes' closed forms.</summary>
public sealed class SolidsTests
{
    private static readonly Surface Plain = new(Vector3.One);

    [Theory]
    [InlineData(ShapeKind.Sphere, 0, 0, 1, 3)] // 4 - radius 1
    [InlineData(ShapeKind.Capsule, 0, 0, 1, 1)] // 4 - half length 2 - radius 1
    [InlineData(ShapeKind.Capsule, 1, 0, 0, 3)]
    [InlineData(ShapeKind.Cylinder, 0, 0, -1, 2)] // 4 - half length 2
    [InlineData(ShapeKind.Cylinder, 0, 1, 0, 3)]
    [InlineData(ShapeKind.Ellipsoid, 1, 0, 0, 3)]
    [InlineData(ShapeKind.Ellipsoid, 0, 1, 0, 2)]
    [InlineData(ShapeKind.Ellipsoid, 0, 0, -1, 3.5)]
    [InlineData(ShapeKind.Box, 1, 0, 0, 3)]
    [InlineData(ShapeKind.Box, 0, -1, 0, 2)]
    [InlineData(ShapeKind.Box, 0, 0, 1, 3.5)]
    [InlineData(ShapeKind.Plane, 0, 0, 1, 4)]
    [InlineData(ShapeKind.Plane, 0, 0, -1, double.PositiveInfinity)] // its back cannot be seen
    [InlineData(ShapeKind.Plane, 1, 0, 0, double.PositiveInfinity)]
    public void A_ray_along_an_axis_enters_where_geometry_says(ShapeKind kind, float x, float y, float z, double expected)
    {
        var from = new Vector3(x, y, z);
        Assert.Equal((float)expected, Enter(new Shape(kind, Pose.At(default), new(1, 2, 0.5f), Plain), 4 * from, -from));
    }

    [Theory]
    [InlineData(ShapeKind.Sphere)]
    [InlineData(ShapeKind.Capsule)]
    [InlineData(ShapeKind.Cylinder)]
    [InlineData(ShapeKind.Ellipsoid)]
    [InlineData(ShapeKind.Box)]
    public void Any_ray_enters_at_the_border_and_meets_nothing_before(ShapeKind kind)
    {
        var random = new Random(7);
        var shape = new Shape(kind, Pose.Along(new(0.3f, -0.2f, 0.5f), new(1, 2, -0.5f)), new(0.4f, 0.7f, 0.3f), Plain);
        var hits = 0;
        for (var ray = 0; ray < 500; ray++)
        {
            var from = shape.Pose.Position + (3 * Vector3.Normalize(Draw(random)));
            var direction = Vector3.Normalize(shape.Pose.Position + (0.9f * Draw(random)) - from);
            var distance = Enter(shape, from, direction);
            var reached = float.IsFinite(distance);
            for (var step = 0.01f; step < (reached ? distance - 0.01f : 6); step += 0.01f)
            {
                Assert.True(Outside(shape, from + (step * direction)) > -0.02f, $"ray {ray} passes through at {step}");
            }

            if (reached)
            {
                hits++;
                var point = from + (distance * direction);
                Assert.Equal(0, Outside(shape, point), 1e-4);
                var normal = Solids.Normal(shape, Lanes3.Broadcast(point));
                var outward = new Vector3(normal.X[0], normal.Y[0], normal.Z[0]);
                Assert.Equal(1, outward.Length(), 1e-4);
                Assert.True(Vector3.Dot(outward, direction) < 1e-3f);
                Assert.True(Outside(shape, point + (0.02f * outward)) > 0.005f && Outside(shape, point - (0.02f * outward)) < 0);
            }
        }

        Assert.InRange(hits, 75, 495);
    }

    [Fact]
    public void Bounds_hold_the_shape_from_any_camera_and_leave_out_what_is_behind()
    {
        var random = new Random(3);
        for (var trial = 0; trial < 200; trial++)
        {
            var shape = new Shape(ShapeKind.Capsule, Pose.Along(Draw(random), Draw(random)), new(0.2f, 0.5f, 0), Plain);
            foreach (var view in new[] { new View(Pose.LookAt(2.5f * Vector3.Normalize(Draw(random)), default), false), new View(Pose.Along(default, Draw(random)), true) })
            {
                var bounds = view.Bounds(shape);
                foreach (var end in new[] { -0.5f, 0, 0.5f })
                {
                    var local = view.Pose.Turn(shape.Pose.Position + (end * shape.Pose.Z) + (0.19f * shape.Pose.X) - view.Pose.Position);
                    var depth = view.Parallel ? 1 : -local.Z;
                    Assert.True(depth <= 0 || bounds.Meets(new Area(local.X / depth, local.Y / depth, local.X / depth, local.Y / depth)));
                }
            }
        }

        var behind = new View(Pose.LookAt(new(0, -2, 0), default), false);
        Assert.Equal(Area.Nothing, behind.Bounds(new Shape(ShapeKind.Sphere, Pose.At(new(0, -5, 0)), new(1), Plain)));
    }

    /// <summary>Negative inside, positive outside, and near the border the distance to it or less.</summary>
    private static float Outside(Shape shape, Vector3 world)
    {
        var p = shape.Pose.Turn(world - shape.Pose.Position);
        var size = shape.Size;
        var radial = new Vector2(p.X, p.Y).Length() - size.X;
        return shape.Kind switch
        {
            ShapeKind.Sphere => p.Length() - size.X,
            ShapeKind.Capsule => (p - new Vector3(0, 0, Math.Clamp(p.Z, -size.Y, size.Y))).Length() - size.X,
            ShapeKind.Cylinder => Math.Max(radial, Math.Abs(p.Z) - size.Y),
            ShapeKind.Ellipsoid => ((p / size).Length() - 1) * 0.3f,
            _ => Math.Max(Math.Max(Math.Abs(p.X) - size.X, Math.Abs(p.Y) - size.Y), Math.Abs(p.Z) - size.Z),
        };
    }

    private static float Enter(Shape shape, Vector3 from, Vector3 direction)
    {
        var distances = Solids.Enter(shape, Lanes3.Broadcast(from), Lanes3.Broadcast(direction));
        Assert.Equal(Vector256.Create(distances[0]), distances);
        return distances[0];
    }

    private static Vector3 Draw(Random random) =>
        new((2 * random.NextSingle()) - 1, (2 * random.NextSingle()) - 1, (2 * random.NextSingle()) - 1);
}
