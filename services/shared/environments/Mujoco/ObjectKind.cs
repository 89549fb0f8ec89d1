namespace Dreamer.Environments.Mujoco;

/// <summary>Kinds of named objects in a model. The first have the same number in every MuJoCo release.</summary>
public enum ObjectKind
{
    Body = 1,
    Joint = 3,
    Geom = 5,
    Site = 6,
    Camera = 7,
    Light = 8,
    Material = 1000,
    Sensor = 1001,
}
