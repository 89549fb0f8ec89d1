namespace Dreamer.Environments.Rendering.Scene3D;

/// <summary>A rectangle in the picture plane of a <see cref="View"/>.</summary>
internal readonly record struct Area(float Left, float Low, float Right, float High)
{
    public static readonly Area Everything = new(float.NegativeInfinity, float.NegativeInfinity, float.PositiveInfinity, float.PositiveInfinity);

    public static readonly Area Nothing = new(float.PositiveInfinity, float.PositiveInfinity, float.NegativeInfinity, float.NegativeInfinity);

    public bool Meets(in Area other) => Left <= other.Right && other.Left <= Right && Low <= other.High && other.Low <= High;
}
