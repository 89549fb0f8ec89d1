using System.Numerics;

namespace Dreamer.Environments.Rendering.Scene3D;

/// <summary>How a shape takes light. Colours are red, green, blue in [0, 1].</summary>
/// <param name="Colour">Of plain surfaces, and of every other square of a checker.</param>
public sealed record Surface(Vector3 Colour)
{
    /// <summary>1 hides what lies behind.</summary>
    public float Opacity { get; init; } = 1;

    /// <summary>The other squares' colour; planes only, null for a plain surface.</summary>
    public Vector3? Checker { get; init; }

    /// <summary>Side of a square of the checker in metres.</summary>
    public float CheckerSize { get; init; } = 1;

    /// <summary>Share of the lights' highlights, in [0, 1].</summary>
    public float Specular { get; init; } = 0.5f;

    /// <summary>In [0, 1]; the higher the smaller the highlights.</summary>
    public float Shininess { get; init; } = 0.5f;

    /// <summary>Light of its own, as a share of the colour.</summary>
    public float Emission { get; init; }

    /// <summary>Share of the mirror image that is added to a plane; of one plane per scene.</summary>
    public float Reflectance { get; init; }
}
