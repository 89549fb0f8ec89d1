using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Dreamer.Policies.Numerics;

/// <summary>The element-by-element parts of a policy step, at the widest register that the machine has.</summary>
internal static unsafe class Elementwise
{
    /// <summary>Added to the mean square in every RMSNorm.</summary>
    public const float NormEpsilon = 1e-4f;

    /// <summary>SiLU(RMSNorm(x)) in place, for each row of <paramref name="length"/> values.</summary>
    public static void NormSilu(float* x, nint stride, int rows, int length, float* scale)
    {
        if (Vector512.IsHardwareAccelerated && length >= Lanes512.Count)
        {
            Elementwise<Lanes512>.NormSilu(x, stride, rows, length, scale);
        }
        else
        {
            Elementwise<Lanes256>.NormSilu(x, stride, rows, length, scale);
        }
    }

    /// <summary>The gated update of one block: r = sigmoid(reset), c = tanh(r * candidate), u = sigmoid(update - 1), u * c + (1 - u) * previous.</summary>
    /// <param name="gates">[3 * length]: reset, candidate, update.</param>
    public static void Gru(float* gates, float* previous, float* next, int length)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Elementwise<Lanes512>.Gru(gates, previous, next, length);
        }
        else
        {
            Elementwise<Lanes256>.Gru(gates, previous, next, length);
        }
    }

    /// <summary>exp(x) in place.</summary>
    public static void Exp(Span<float> values)
    {
        fixed (float* x = values)
        {
            if (Vector512.IsHardwareAccelerated)
            {
                Elementwise<Lanes512>.Exp(x, values.Length);
            }
            else
            {
                Elementwise<Lanes256>.Exp(x, values.Length);
            }
        }
    }

    /// <summary>2x2 max pooling of two rows of pixels, [2 * width, channels] each, into one row of <paramref name="width"/> pixels.</summary>
    public static void MaxPool(float* upper, float* lower, float* into, int width, int channels)
    {
        if (Vector512.IsHardwareAccelerated && channels >= Lanes512.Count)
        {
            Elementwise<Lanes512>.MaxPool(upper, lower, into, width, channels);
        }
        else
        {
            Elementwise<Lanes256>.MaxPool(upper, lower, into, width, channels);
        }
    }

    /// <summary>sign(x) * ln(1 + |x|).</summary>
    public static float Symlog(float x) => float.CopySign((float)Math.Log(1.0 + Math.Abs(x)), x);

    public static float Sigmoid(float x) => 1 / (1 + MathF.Exp(-x));
}

/// <summary>Kernels of <see cref="Elementwise"/> at one register width; what is left over is done one by one.</summary>
internal static unsafe class Elementwise<TLanes> where TLanes : struct, ILanes<TLanes>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void NormSilu(float* x, nint stride, int rows, int length, float* scale)
    {
        for (var row = 0; row < rows; row++, x += stride)
        {
            NormSilu(x, length, scale);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void NormSilu(float* x, int length, float* scale)
    {
        TLanes squares = default;
        var i = 0;
        for (; i + TLanes.Count <= length; i += TLanes.Count)
        {
            var value = TLanes.Load(x + i);
            squares = TLanes.MultiplyAdd(value, value, squares);
        }

        var sum = TLanes.Sum(squares);
        for (; i < length; i++)
        {
            sum += x[i] * x[i];
        }

        var inverse = 1 / MathF.Sqrt(sum / length + Elementwise.NormEpsilon);
        var factor = TLanes.Broadcast(inverse);
        for (i = 0; i + TLanes.Count <= length; i += TLanes.Count)
        {
            var value = TLanes.Load(x + i) * factor * TLanes.Load(scale + i);
            (value * Sigmoid(value)).Store(x + i);
        }

        for (; i < length; i++)
        {
            var value = x[i] * inverse * scale[i];
            x[i] = value * Elementwise.Sigmoid(value);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Gru(float* gates, float* previous, float* next, int length)
    {
        float* reset = gates, candidate = gates + length, update = gates + 2 * length;
        TLanes one = TLanes.Broadcast(1), two = TLanes.Broadcast(2);
        var i = 0;
        for (; i + TLanes.Count <= length; i += TLanes.Count)
        {
            // tanh(x) = 2 * sigmoid(2x) - 1
            var gated = Sigmoid(TLanes.Load(reset + i)) * TLanes.Load(candidate + i);
            var tanh = two * Sigmoid(two * gated) - one;
            var u = Sigmoid(TLanes.Load(update + i) - one);
            var old = TLanes.Load(previous + i);
            TLanes.MultiplyAdd(u, tanh - old, old).Store(next + i);
        }

        for (; i < length; i++)
        {
            var tanh = MathF.Tanh(Elementwise.Sigmoid(reset[i]) * candidate[i]);
            next[i] = previous[i] + Elementwise.Sigmoid(update[i] - 1) * (tanh - previous[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Exp(float* x, int length)
    {
        var i = 0;
        for (; i + TLanes.Count <= length; i += TLanes.Count)
        {
            Exp(TLanes.Load(x + i)).Store(x + i);
        }

        for (; i < length; i++)
        {
            x[i] = MathF.Exp(x[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void MaxPool(float* upper, float* lower, float* into, int width, int channels)
    {
        for (var pixel = 0; pixel < width; pixel++, into += channels, upper += 2 * channels, lower += 2 * channels)
        {
            var i = 0;
            for (; i + TLanes.Count <= channels; i += TLanes.Count)
            {
                var top = TLanes.Max(TLanes.Load(upper + i), TLanes.Load(upper + channels + i));
                var bottom = TLanes.Max(TLanes.Load(lower + i), TLanes.Load(lower + channels + i));
                TLanes.Max(top, bottom).Store(into + i);
            }

            for (; i < channels; i++)
            {
                into[i] = MathF.Max(MathF.Max(upper[i], upper[channels + i]), MathF.Max(lower[i], lower[channels + i]));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TLanes Sigmoid(TLanes value)
    {
        var one = TLanes.Broadcast(1);
        return one / (one + Exp(default(TLanes) - value));
    }

    /// <summary>exp(x) = 2^n * exp(r) with |r| at most ln(2) / 2 and Cephes' polynomial: relative error about 2e-7. Saturates instead of overflowing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TLanes Exp(TLanes value)
    {
        // The value comes second: that operand is returned when it is NaN.
        value = TLanes.Min(TLanes.Broadcast(88), TLanes.Max(TLanes.Broadcast(-87), value));
        var magic = TLanes.Broadcast(12_582_912);
        var shifted = TLanes.MultiplyAdd(value, TLanes.Broadcast(1.44269504f), magic);
        var whole = shifted - magic;
        // ln(2) in two parts, so that the subtraction stays exact.
        var r = TLanes.MultiplyAdd(whole, TLanes.Broadcast(-0.693359375f), value);
        r = TLanes.MultiplyAdd(whole, TLanes.Broadcast(2.12194440e-4f), r);
        var p = TLanes.Broadcast(1.9875691500e-4f);
        p = TLanes.MultiplyAdd(p, r, TLanes.Broadcast(1.3981999507e-3f));
        p = TLanes.MultiplyAdd(p, r, TLanes.Broadcast(8.3334519073e-3f));
        p = TLanes.MultiplyAdd(p, r, TLanes.Broadcast(4.1665795894e-2f));
        p = TLanes.MultiplyAdd(p, r, TLanes.Broadcast(1.6666665459e-1f));
        p = TLanes.MultiplyAdd(p, r, TLanes.Broadcast(5.0000001201e-1f));
        p = TLanes.MultiplyAdd(p, r * r, r + TLanes.Broadcast(1));
        return p * TLanes.PowerOfTwo(shifted);
    }
}
