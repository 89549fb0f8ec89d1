namespace Dreamer.Environments.Rendering.Scene3D;

/// <summary>A pinhole camera.</summary>
/// <param name="Pose">It looks along -z; x points right and y up in the picture.</param>
/// <param name="FieldOfView">Vertical, in degrees.</param>
public readonly record struct Camera(Pose Pose, float FieldOfView = 45);
