using System.Numerics;

namespace Dreamer.Environments.CarRacing;

/// <summary>A piece of road or of its border: a convex polygon of four corners in metres.</summary>
internal readonly record struct Tile(Vector2 A, Vector2 B, Vector2 C, Vector2 D)
{
    public Vector2 Middle => (A + B + C + D) / 4;
}
