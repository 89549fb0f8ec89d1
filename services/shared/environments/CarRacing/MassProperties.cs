using System.Numerics;

namespace Dreamer.Environments.CarRacing;

/// <summary>Mass, centre of mass, and inertia about that centre, of flat bodies; float32 in Box2D's order of sums.</summary>
internal readonly record struct MassProperties(float Mass, Vector2 Centre, float Inertia)
{
    private const float Third = 1f / 3;

    /// <summary>Several convex polygons as one body, each counterclockwise.</summary>
    public static MassProperties Of(float density, params ReadOnlySpan<Vector2[]> polygons)
    {
        var (mass, weighted, inertia) = (0f, Vector2.Zero, 0f);
        foreach (var polygon in polygons)
        {
            var (partMass, partCentre, partInertia) = AboutOrigin(density, polygon);
            mass += partMass;
            weighted += partMass * partCentre;
            inertia += partInertia;
        }

        var centre = weighted * (1 / mass);
        return new MassProperties(mass, centre, inertia - (mass * Dot(centre, centre)));
    }

    /// <summary>Sums over the triangles between the corners' mean and each edge.</summary>
    private static MassProperties AboutOrigin(float density, Vector2[] corners)
    {
        var mean = Vector2.Zero;
        foreach (var corner in corners)
        {
            mean += corner;
        }

        mean *= 1f / corners.Length;
        var (area, centre, inertia) = (0f, Vector2.Zero, 0f);
        for (var index = 0; index < corners.Length; index++)
        {
            var a = corners[index] - mean;
            var b = corners[(index + 1) % corners.Length] - mean;
            var parallelogram = (a.X * b.Y) - (a.Y * b.X);
            var triangle = 0.5f * parallelogram;
            area += triangle;
            centre += triangle * Third * (a + b);
            var squares = ((a.X * a.X) + (b.X * a.X) + (b.X * b.X)) + ((a.Y * a.Y) + (b.Y * a.Y) + (b.Y * b.Y));
            inertia += 0.25f * Third * parallelogram * squares;
        }

        var mass = density * area;
        centre *= 1 / area;
        var absolute = centre + mean;
        return new MassProperties(mass, absolute, (density * inertia) + (mass * (Dot(absolute, absolute) - Dot(centre, centre))));
    }

    private static float Dot(Vector2 a, Vector2 b) => (a.X * b.X) + (a.Y * b.Y);
}
