using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Dreamer.Environments.Rendering.Scene3D;

/// <summary>
/// Eight vectors of three coordinates side by side. Only operations that IEEE 754 defines to the last bit, so that a scene gives the
/// same bytes on every machine.
/// </summary>
internal readonly struct Lanes3(Vector256<float> x, Vector256<float> y, Vector256<float> z)
{
    public readonly Vector256<float> X = x;
    public readonly Vector256<float> Y = y;
    public readonly Vector256<float> Z = z;

    public static Lanes3 Broadcast(Vector3 value) => new(Vector256.Create(value.X), Vector256.Create(value.Y), Vector256.Create(value.Z));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Dot(in Lanes3 left, in Lanes3 right) => (left.X * right.X) + (left.Y * right.Y) + (left.Z * right.Z);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Dot(in Lanes3 left, Vector3 right) => (left.X * right.X) + (left.Y * right.Y) + (left.Z * right.Z);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes3 Select(Vector256<float> mask, in Lanes3 yes, in Lanes3 no) => new(
        Vector256.ConditionalSelect(mask, yes.X, no.X), Vector256.ConditionalSelect(mask, yes.Y, no.Y), Vector256.ConditionalSelect(mask, yes.Z, no.Z));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Lanes3 Normalised() => this * (Vector256<float>.One / Vector256.Sqrt(Dot(this, this)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Lanes3 AtMostOne() => new(
        Vector256.Min(X, Vector256<float>.One), Vector256.Min(Y, Vector256<float>.One), Vector256.Min(Z, Vector256<float>.One));

    /// <summary>Directions of the world in a frame.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Lanes3 Into(in Pose frame) => new(Dot(this, frame.X), Dot(this, frame.Y), Dot(this, frame.Z));

    /// <summary>Directions of a frame in the world.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Lanes3 OutOf(in Pose frame) => new(
        (X * frame.X.X) + (Y * frame.Y.X) + (Z * frame.Z.X),
        (X * frame.X.Y) + (Y * frame.Y.Y) + (Z * frame.Z.Y),
        (X * frame.X.Z) + (Y * frame.Y.Z) + (Z * frame.Z.Z));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes3 operator +(in Lanes3 left, in Lanes3 right) => new(left.X + right.X, left.Y + right.Y, left.Z + right.Z);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes3 operator -(in Lanes3 left, in Lanes3 right) => new(left.X - right.X, left.Y - right.Y, left.Z - right.Z);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes3 operator *(in Lanes3 left, in Lanes3 right) => new(left.X * right.X, left.Y * right.Y, left.Z * right.Z);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes3 operator *(in Lanes3 left, Vector256<float> right) => new(left.X * right, left.Y * right, left.Z * right);
}
