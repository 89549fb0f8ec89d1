using System.Numerics;

namespace Dreamer.Environments.CarRacing;

/// <summary>When Box2D says that two convex polygons touch: their distance is at most their two skins of 1 cm.</summary>
internal static class Overlap
{
    // The tail is the tolerance of Box2D's own test.
    private const float Skins = 0.02f + 1.2e-6f;

    /// <summary>Whether two convex polygons touch, whichever way their corners turn.</summary>
    public static bool Touches(ReadOnlySpan<Vector2> a, ReadOnlySpan<Vector2> b)
    {
        var gap = MathF.Max(WidestGap(a, b), WidestGap(b, a));
        return gap <= 0 || (gap <= Skins && MathF.Min(NearestCorner(a, b), NearestCorner(b, a)) <= Skins);
    }

    /// <summary>The widest gap across an edge of <paramref name="a"/>; negative where none of its edges separates the two.</summary>
    private static float WidestGap(ReadOnlySpan<Vector2> a, ReadOnlySpan<Vector2> b)
    {
        var widest = float.MinValue;
        for (var index = 0; index < a.Length; index++)
        {
            var edge = a[(index + 1) % a.Length] - a[index];
            var normal = new Vector2(edge.Y, -edge.X) / edge.Length();
            var inside = Vector2.Dot(normal, a[(index + 2) % a.Length] - a[index]) < 0 ? normal : -normal;
            var nearest = float.MaxValue;
            foreach (var corner in b)
            {
                nearest = MathF.Min(nearest, Vector2.Dot(inside, corner - a[index]));
            }

            widest = MathF.Max(widest, nearest);
        }

        return widest;
    }

    /// <summary>Smallest distance of a corner of <paramref name="b"/> from an edge of <paramref name="a"/>.</summary>
    private static float NearestCorner(ReadOnlySpan<Vector2> a, ReadOnlySpan<Vector2> b)
    {
        var nearest = float.MaxValue;
        for (var index = 0; index < a.Length; index++)
        {
            var edge = a[(index + 1) % a.Length] - a[index];
            foreach (var corner in b)
            {
                var way = corner - a[index];
                var share = Math.Clamp(Vector2.Dot(way, edge) / edge.LengthSquared(), 0, 1);
                nearest = MathF.Min(nearest, (way - (share * edge)).Length());
            }
        }

        return nearest;
    }
}
