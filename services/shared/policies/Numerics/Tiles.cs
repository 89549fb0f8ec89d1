using System.Runtime.CompilerServices;

namespace Dreamer.Policies.Numerics;

/// <summary>How a tile walks its input: <paramref name="Segments"/> runs of <paramref name="Length"/> contiguous values per row.</summary>
/// <param name="RowStride">Values between two rows (entries of a batch, or neighbouring pixels of a convolution).</param>
/// <param name="Length">Values per run.</param>
/// <param name="Segments">Runs per row: 1 for a linear layer, the kernel height for a convolution.</param>
/// <param name="SegmentStride">Values between two runs.</param>
internal readonly record struct Walk(nint RowStride, int Length, int Segments = 1, nint SegmentStride = 0);

/// <summary>
/// Register tiles of y += x * W over one panel of W: two registers of outputs by 1, up to 4, or 8 rows. A panel holds, for each pair of
/// inputs, one 32-bit word per output with the weight of the even input in its lower and of the odd input in its upper half.
/// Accumulation is in float32.
/// </summary>
internal static unsafe class Tiles<TLanes> where TLanes : struct, ILanes<TLanes>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void One(float* x, Walk walk, uint* w, float* y)
    {
        TLanes a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default;
        for (var segment = 0; segment < walk.Segments; segment++, x += walk.SegmentStride)
        {
            var k = 0;
            for (; k + 4 <= walk.Length; k += 4, w += 4 * TLanes.Count)
            {
                var x0 = TLanes.Broadcast(x[k]);
                var x1 = TLanes.Broadcast(x[k + 1]);
                var x2 = TLanes.Broadcast(x[k + 2]);
                var x3 = TLanes.Broadcast(x[k + 3]);
                a0 = TLanes.MultiplyAdd(x0, TLanes.LoadLow(w), a0);
                a1 = TLanes.MultiplyAdd(x0, TLanes.LoadLow(w + TLanes.Count), a1);
                b0 = TLanes.MultiplyAdd(x1, TLanes.LoadHigh(w), b0);
                b1 = TLanes.MultiplyAdd(x1, TLanes.LoadHigh(w + TLanes.Count), b1);
                c0 = TLanes.MultiplyAdd(x2, TLanes.LoadLow(w + 2 * TLanes.Count), c0);
                c1 = TLanes.MultiplyAdd(x2, TLanes.LoadLow(w + 3 * TLanes.Count), c1);
                d0 = TLanes.MultiplyAdd(x3, TLanes.LoadHigh(w + 2 * TLanes.Count), d0);
                d1 = TLanes.MultiplyAdd(x3, TLanes.LoadHigh(w + 3 * TLanes.Count), d1);
            }

            for (; k < walk.Length; k += 2, w += 2 * TLanes.Count)
            {
                var even = TLanes.Broadcast(x[k]);
                a0 = TLanes.MultiplyAdd(even, TLanes.LoadLow(w), a0);
                a1 = TLanes.MultiplyAdd(even, TLanes.LoadLow(w + TLanes.Count), a1);
                if (k + 1 < walk.Length)
                {
                    var odd = TLanes.Broadcast(x[k + 1]);
                    b0 = TLanes.MultiplyAdd(odd, TLanes.LoadHigh(w), b0);
                    b1 = TLanes.MultiplyAdd(odd, TLanes.LoadHigh(w + TLanes.Count), b1);
                }
            }
        }

        Add(y, a0 + b0 + (c0 + d0), a1 + b1 + (c1 + d1));
    }

    /// <summary>Two to four rows: missing rows repeat the last one and are not stored.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void UpToFour(float* x, Walk walk, int rows, uint* w, float* y, nint yStride)
    {
        TLanes a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default;
        float* xb = x + walk.RowStride, xc = rows > 2 ? xb + walk.RowStride : xb, xd = rows > 3 ? xc + walk.RowStride : xc;
        for (var segment = 0; segment < walk.Segments; segment++)
        {
            for (var k = 0; k < walk.Length; k += 2, w += 2 * TLanes.Count)
            {
                TLanes w0 = TLanes.LoadLow(w), w1 = TLanes.LoadLow(w + TLanes.Count);
                var value = TLanes.Broadcast(x[k]);
                a0 = TLanes.MultiplyAdd(value, w0, a0);
                a1 = TLanes.MultiplyAdd(value, w1, a1);
                value = TLanes.Broadcast(xb[k]);
                b0 = TLanes.MultiplyAdd(value, w0, b0);
                b1 = TLanes.MultiplyAdd(value, w1, b1);
                value = TLanes.Broadcast(xc[k]);
                c0 = TLanes.MultiplyAdd(value, w0, c0);
                c1 = TLanes.MultiplyAdd(value, w1, c1);
                value = TLanes.Broadcast(xd[k]);
                d0 = TLanes.MultiplyAdd(value, w0, d0);
                d1 = TLanes.MultiplyAdd(value, w1, d1);
                if (k + 1 == walk.Length)
                {
                    continue;
                }

                w0 = TLanes.LoadHigh(w);
                w1 = TLanes.LoadHigh(w + TLanes.Count);
                value = TLanes.Broadcast(x[k + 1]);
                a0 = TLanes.MultiplyAdd(value, w0, a0);
                a1 = TLanes.MultiplyAdd(value, w1, a1);
                value = TLanes.Broadcast(xb[k + 1]);
                b0 = TLanes.MultiplyAdd(value, w0, b0);
                b1 = TLanes.MultiplyAdd(value, w1, b1);
                value = TLanes.Broadcast(xc[k + 1]);
                c0 = TLanes.MultiplyAdd(value, w0, c0);
                c1 = TLanes.MultiplyAdd(value, w1, c1);
                value = TLanes.Broadcast(xd[k + 1]);
                d0 = TLanes.MultiplyAdd(value, w0, d0);
                d1 = TLanes.MultiplyAdd(value, w1, d1);
            }

            x += walk.SegmentStride;
            xb += walk.SegmentStride;
            xc += walk.SegmentStride;
            xd += walk.SegmentStride;
        }

        Add(y, a0, a1);
        Add(y + yStride, b0, b1);
        if (rows > 2)
        {
            Add(y + 2 * yStride, c0, c1);
        }

        if (rows > 3)
        {
            Add(y + 3 * yStride, d0, d1);
        }
    }

    /// <summary>Eight rows: 16 accumulators, so it wants the 32 registers of AVX-512.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Eight(float* x, Walk walk, uint* w, float* y, nint yStride)
    {
        TLanes a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default;
        TLanes e0 = default, e1 = default, f0 = default, f1 = default, g0 = default, g1 = default, h0 = default, h1 = default;
        var stride = walk.RowStride;
        for (var segment = 0; segment < walk.Segments; segment++, x += walk.SegmentStride)
        {
            float* row = x, upper = x + 4 * stride;
            for (var k = 0; k < walk.Length; k++, row++, upper++)
            {
                TLanes w0, w1;
                if ((k & 1) == 0)
                {
                    (w0, w1) = (TLanes.LoadLow(w), TLanes.LoadLow(w + TLanes.Count));
                }
                else
                {
                    (w0, w1) = (TLanes.LoadHigh(w), TLanes.LoadHigh(w + TLanes.Count));
                    w += 2 * TLanes.Count;
                }

                var value = TLanes.Broadcast(row[0]);
                a0 = TLanes.MultiplyAdd(value, w0, a0);
                a1 = TLanes.MultiplyAdd(value, w1, a1);
                value = TLanes.Broadcast(row[stride]);
                b0 = TLanes.MultiplyAdd(value, w0, b0);
                b1 = TLanes.MultiplyAdd(value, w1, b1);
                value = TLanes.Broadcast(row[2 * stride]);
                c0 = TLanes.MultiplyAdd(value, w0, c0);
                c1 = TLanes.MultiplyAdd(value, w1, c1);
                value = TLanes.Broadcast(row[3 * stride]);
                d0 = TLanes.MultiplyAdd(value, w0, d0);
                d1 = TLanes.MultiplyAdd(value, w1, d1);
                value = TLanes.Broadcast(upper[0]);
                e0 = TLanes.MultiplyAdd(value, w0, e0);
                e1 = TLanes.MultiplyAdd(value, w1, e1);
                value = TLanes.Broadcast(upper[stride]);
                f0 = TLanes.MultiplyAdd(value, w0, f0);
                f1 = TLanes.MultiplyAdd(value, w1, f1);
                value = TLanes.Broadcast(upper[2 * stride]);
                g0 = TLanes.MultiplyAdd(value, w0, g0);
                g1 = TLanes.MultiplyAdd(value, w1, g1);
                value = TLanes.Broadcast(upper[3 * stride]);
                h0 = TLanes.MultiplyAdd(value, w0, h0);
                h1 = TLanes.MultiplyAdd(value, w1, h1);
            }

            if ((walk.Length & 1) != 0)
            {
                w += 2 * TLanes.Count;
            }
        }

        Add(y, a0, a1);
        Add(y + yStride, b0, b1);
        Add(y + 2 * yStride, c0, c1);
        Add(y + 3 * yStride, d0, d1);
        y += 4 * yStride;
        Add(y, e0, e1);
        Add(y + yStride, f0, f1);
        Add(y + 2 * yStride, g0, g1);
        Add(y + 3 * yStride, h0, h1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(float* y, TLanes first, TLanes second)
    {
        (TLanes.Load(y) + first).Store(y);
        (TLanes.Load(y + TLanes.Count) + second).Store(y + TLanes.Count);
    }
}
