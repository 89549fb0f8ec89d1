namespace Dreamer.Environments.Mujoco;

/// <summary>Shape of a geom or site; the numbers are MuJoCo's.</summary>
public enum GeomShape
{
    Plane = 0,
    HeightField = 1,
    Sphere = 2,
    Capsule = 3,
    Ellipsoid = 4,
    Cylinder = 5,
    Box = 6,
    Mesh = 7,
}
