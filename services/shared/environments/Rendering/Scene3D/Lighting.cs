using System.Numerics;
using System.Runtime.Intrinsics;

namespace Dreamer.Environments.Rendering.Scene3D;

/// <summary>Colours of the sky and of lit surfaces, by the rules of the fixed OpenGL pipeline that MuJoCo draws with.</summary>
internal static class Lighting
{
    // MuJoCo strews white points over the suite's sky, far smaller than a pixel: one in a hundred.
    private const float Stars = 0.01f;

    /// <summary>The sky's gradient in directions of length 1.</summary>
    public static Lanes3 Sky(Scene scene, in Lanes3 direction)
    {
        var height = Elevation(direction.Z);
        var share = Vector256.Create(0.5f) + (height * Vector256.Create(0.5f * MathF.Sqrt(2)) / Vector256.Sqrt(Vector256<float>.One + (height * height)));
        var (bottom, top) = (Vector3.Lerp(scene.SkyBottom, Vector3.One, Stars), Vector3.Lerp(scene.SkyTop, Vector3.One, Stars));
        return Lanes3.Broadcast(bottom) + (Lanes3.Broadcast(top - bottom) * share);
    }

    /// <summary>The colour of the checker, or white, at points of a plane: blurred as wide as a pixel.</summary>
    public static Lanes3 Texture(in Shape shape, in Lanes3 point, in Lanes3 direction, Vector256<float> depth, in Pose camera, float pixel)
    {
        var other = shape.Surface.Checker!.Value;
        var pose = shape.Pose;
        var scale = Vector256.Create(1 / shape.Surface.CheckerSize);
        var local = (point - Lanes3.Broadcast(pose.Position)).Into(pose);
        var slope = direction.Into(pose);
        var (right, up) = (pose.Turn(camera.X), pose.Turn(camera.Y));
        var step = depth * (scale * pixel);

        // How far the point moves along x and y when the ray moves a pixel to the right or up.
        var (byX, byY) = (slope.X / slope.Z, slope.Y / slope.Z);
        var wideX = step * Vector256.Max(
            Vector256.Abs(Vector256.Create(right.X) - (byX * right.Z)), Vector256.Abs(Vector256.Create(up.X) - (byX * up.Z)));
        var wideY = step * Vector256.Max(
            Vector256.Abs(Vector256.Create(right.Y) - (byY * right.Z)), Vector256.Abs(Vector256.Create(up.Y) - (byY * up.Z)));
        var half = Vector256.Create(0.5f);
        var share = half - (half * Stripes(local.X * scale, wideX) * Stripes(local.Y * scale, wideY));
        return Lanes3.Broadcast(shape.Surface.Colour) + (Lanes3.Broadcast(other - shape.Surface.Colour) * share);
    }

    /// <summary>Adds the light that the camera carries.</summary>
    public static void AddHeadlight(Scene scene, Vector3 backwards, Surface surface, in Lanes3 normal, in Lanes3 toEye, ref Vector256<float> diffuse, ref Vector256<float> highlight)
    {
        var cosine = Vector256.Max(Vector256<float>.Zero, Lanes3.Dot(normal, backwards));
        diffuse += Vector256.Create(scene.Headlight.X) + (cosine * scene.Headlight.Y);
        var half = (toEye + Lanes3.Broadcast(backwards)).Normalised();
        highlight += Gloss(surface, normal, half, cosine) * scene.Headlight.Z;
    }

    /// <summary>What one of the scene's lights gives: colour of the diffuse and ambient part, and of the highlight.</summary>
    /// <param name="light">The light.</param>
    /// <param name="surface">What it falls on.</param>
    /// <param name="point">Where.</param>
    /// <param name="normal">There.</param>
    /// <param name="toEye">There.</param>
    /// <param name="lit">Mask of the points that are not in its shadow.</param>
    public static (Lanes3 Diffuse, Lanes3 Highlight) Shine(
        in Light light, Surface surface, in Lanes3 point, in Lanes3 normal, in Lanes3 toEye, Vector256<float> lit)
    {
        var strength = lit & Vector256<float>.One;
        var toLight = Lanes3.Broadcast(light.Pose.Z);
        if (!light.Directional)
        {
            toLight = Lanes3.Broadcast(light.Pose.Position) - point;
            var distance = Vector256.Sqrt(Lanes3.Dot(toLight, toLight));
            toLight *= Vector256<float>.One / distance;
            var axis = Lanes3.Dot(toLight, light.Pose.Z);
            var inside = Vector256.GreaterThanOrEqual(axis, Vector256.Create(MathF.Cos(light.Cutoff * (MathF.PI / 180))));
            strength = (strength & inside) * Power(axis, light.Exponent)
                / (Vector256.Create(light.Attenuation.X) + (distance * light.Attenuation.Y) + (distance * distance * light.Attenuation.Z));
        }

        var cosine = Vector256.Max(Vector256<float>.Zero, Lanes3.Dot(normal, toLight));
        var gloss = Gloss(surface, normal, (toEye + toLight).Normalised(), cosine);
        return (
            (Lanes3.Broadcast(light.Ambient) + (Lanes3.Broadcast(light.Diffuse) * cosine)) * strength,
            Lanes3.Broadcast(light.Specular) * (gloss * strength));
    }

    private static Vector256<float> Gloss(Surface surface, in Lanes3 normal, in Lanes3 half, Vector256<float> cosine)
    {
        var towards = Vector256.Max(Vector256<float>.Zero, Lanes3.Dot(normal, half));
        var gloss = Power(towards, (int)MathF.Round(surface.Shininess * 128)) * surface.Specular;
        return gloss & Vector256.GreaterThan(cosine, Vector256<float>.Zero);
    }

    private static Vector256<float> Power(Vector256<float> value, int exponent)
    {
        var result = Vector256<float>.One;
        for (; exponent > 0; exponent >>= 1)
        {
            result = (exponent & 1) != 0 ? result * value : result;
            value *= value;
        }

        return result;
    }

    // The mean of a wave that is 1 from 0 to 1 and -1 from 1 to 2, over an interval.
    private static Vector256<float> Stripes(Vector256<float> at, Vector256<float> wide)
    {
        wide = Vector256.Max(wide, Vector256.Create(1e-4f));
        var half = wide * 0.5f;
        return (Sawtooth(at - half) - Sawtooth(at + half)) * 2f / wide;
    }

    private static Vector256<float> Sawtooth(Vector256<float> at)
    {
        at *= 0.5f;
        return Vector256.Abs(at - Vector256.Floor(at) - Vector256.Create(0.5f));
    }

    // 2 / pi * arcsine within 5e-5 (Abramowitz and Stegun 4.4.45).
    private static Vector256<float> Elevation(Vector256<float> z)
    {
        var x = Vector256.Min(Vector256.Abs(z), Vector256<float>.One);
        var series = Vector256.Create(1.5707288f) + (x * (Vector256.Create(-0.2121144f) + (x * (Vector256.Create(0.0742610f) + (x * -0.0187293f)))));
        var angle = Vector256<float>.One - (Vector256.Sqrt(Vector256<float>.One - x) * series * (2 / MathF.PI));
        return angle | (z & Vector256.Create(-0f));
    }
}
