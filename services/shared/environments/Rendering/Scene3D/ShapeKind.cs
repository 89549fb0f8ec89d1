namespace Dreamer.Environments.Rendering.Scene3D;

/// <summary>What <see cref="Shape.Size"/> means; half extents and radii in metres, as in MuJoCo.</summary>
public enum ShapeKind
{
    /// <summary>The face z = 0 seen from above: half widths along x and y, 0 for endless.</summary>
    Plane,

    /// <summary>Radius.</summary>
    Sphere,

    /// <summary>Radius and half the length, along z, between the centres of its caps.</summary>
    Capsule,

    /// <summary>Three semi-axes.</summary>
    Ellipsoid,

    /// <summary>Radius and half the length along z.</summary>
    Cylinder,

    /// <summary>Three half widths.</summary>
    Box,
}
