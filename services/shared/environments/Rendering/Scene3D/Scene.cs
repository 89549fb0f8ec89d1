using System.Numerics;

namespace Dreamer.Environments.Rendering.Scene3D;

/// <summary>What <see cref="SceneRenderer"/> draws. Owned by one environment and changed in place between pictures.</summary>
public sealed class Scene
{
    public List<Shape> Shapes { get; } = [];

    /// <summary>Beside the <see cref="Headlight"/>.</summary>
    public List<Light> Lights { get; } = [];

    /// <summary>Ambient, diffuse and specular brightness of the light that goes with the camera; the suite's.</summary>
    public Vector3 Headlight { get; set; } = new(0.4f, 0.8f, 0.1f);

    /// <summary>The sky straight above.</summary>
    public Vector3 SkyTop { get; set; } = new(0.4f, 0.6f, 0.8f);

    /// <summary>The sky straight below.</summary>
    public Vector3 SkyBottom { get; set; }
}
