using System.Numerics;

namespace Dreamer.Environments.Rendering.Scene3D;

/// <summary>A spot light or, like the sun, a directional one.</summary>
/// <param name="Pose">It shines along -z; a directional light's position does not matter.</param>
public readonly record struct Light(Pose Pose)
{
    /// <summary>Parallel light from infinitely far away.</summary>
    public bool Directional { get; init; }

    public Vector3 Ambient { get; init; }

    public Vector3 Diffuse { get; init; } = new(0.7f);

    public Vector3 Specular { get; init; } = new(0.3f);

    /// <summary>Half the angle of a spot light's cone in degrees.</summary>
    public float Cutoff { get; init; } = 45;

    /// <summary>A spot light weakens by the cosine to its axis to this power.</summary>
    public int Exponent { get; init; } = 10;

    /// <summary>A spot light is divided by this polynomial of the distance: constant, linear, square.</summary>
    public Vector3 Attenuation { get; init; } = Vector3.UnitX;

    /// <summary>Hard shadows.</summary>
    public bool CastsShadow { get; init; } = true;
}
