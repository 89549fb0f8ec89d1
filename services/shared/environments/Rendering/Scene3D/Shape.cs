using System.Numerics;

namespace Dreamer.Environments.Rendering.Scene3D;

/// <summary>A solid or a plane in a scene.</summary>
/// <param name="Kind">Also says what <paramref name="Size"/> means.</param>
/// <param name="Pose">Centre and axes.</param>
/// <param name="Size">Radii and half extents in metres.</param>
/// <param name="Surface">How it takes light.</param>
/// <param name="CastsShadow">Planes never do.</param>
public readonly record struct Shape(ShapeKind Kind, Pose Pose, Vector3 Size, Surface Surface, bool CastsShadow = true);
