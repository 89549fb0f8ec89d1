using System.Runtime.CompilerServices;

namespace Dreamer.Policies.Numerics;

/// <summary>How a tile walks its input: <paramref name="Segments"/> runs of <paramref name="Length"/> contiguous values per row.</summary>
/// <param name="RowStride">Values between two rows (entries of a batch, or neighbouring pixels of a convolution).</param>
/// <param name="Length">Values per run.</param>
/// <param name="Segments">Runs per row: 1 for a linear layer, the kernel height for a convolution.</param>
/// <param name="SegmentStride">Values between two runs.</param>
internal readonly record struct Walk(nint RowStride, int Length, int Segments = 1, nint SegmentStride = 0);

/// <summary>
/// Register tiles of y += x * W over one panel of W, for 1, 2 to 4, or 8 rows. A panel is as wide as <typeparamref name="TLanes"/> and holds,
/// for each pair of inputs, one 32-bit word per output: the weight of the even input in its lower, of the odd input in its upper half.
/// Accumulation is in float32.
/// </summary>
internal static unsafe class Tiles<TLanes> where TLanes : struct, ILanes<TLanes>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void One(float* x, Walk walk, uint* w, float* y)
    {
        // Four sums, because one would wait for itself.
        TLanes a = default, b = default, c = default, d = default;
        for (var segment = 0; segment < walk.Segments; segment++, x += walk.SegmentStride)
        {
            var k = 0;
            for (; k + 4 <= walk.Length; k += 4, w += 2 * TLanes.Count)
            {
                a = TLanes.MultiplyAdd(TLanes.Broadcast(x[k]), TLanes.LoadLow(w), a);
                b = TLanes.MultiplyAdd(TLanes.Broadcast(x[k + 1]), TLanes.LoadHigh(w), b);
                c = TLanes.MultiplyAdd(TLanes.Broadcast(x[k + 2]), TLanes.LoadLow(w + TLanes.Count), c);
                d = TLanes.MultiplyAdd(TLanes.Broadcast(x[k + 3]), TLanes.LoadHigh(w + TLanes.Count), d);
            }

            for (; k < walk.Length; k += 2, w += TLanes.Count)
            {
                a = TLanes.MultiplyAdd(TLanes.Broadcast(x[k]), TLanes.LoadLow(w), a);
                if (k + 1 < walk.Length)
                {
                    b = TLanes.MultiplyAdd(TLanes.Broadcast(x[k + 1]), TLanes.LoadHigh(w), b);
                }
            }
        }

        Add(y, a + b + (c + d));
    }

    /// <summary>Two to four rows: missing rows repeat the last one and are not stored.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void UpToFour(float* x, Walk walk, int rows, uint* w, float* y, nint yStride)
    {
        TLanes a = default, b = default, c = default, d = default;
        float* xb = x + walk.RowStride, xc = rows > 2 ? xb + walk.RowStride : xb, xd = rows > 3 ? xc + walk.RowStride : xc;
        for (var segment = 0; segment < walk.Segments; segment++)
        {
            for (var k = 0; k < walk.Length; k += 2, w += TLanes.Count)
            {
                var weights = TLanes.LoadLow(w);
                a = TLanes.MultiplyAdd(TLanes.Broadcast(x[k]), weights, a);
                b = TLanes.MultiplyAdd(TLanes.Broadcast(xb[k]), weights, b);
                c = TLanes.MultiplyAdd(TLanes.Broadcast(xc[k]), weights, c);
                d = TLanes.MultiplyAdd(TLanes.Broadcast(xd[k]), weights, d);
                if (k + 1 < walk.Length)
                {
                    weights = TLanes.LoadHigh(w);
                    a = TLanes.MultiplyAdd(TLanes.Broadcast(x[k + 1]), weights, a);
                    b = TLanes.MultiplyAdd(TLanes.Broadcast(xb[k + 1]), weights, b);
                    c = TLanes.MultiplyAdd(TLanes.Broadcast(xc[k + 1]), weights, c);
                    d = TLanes.MultiplyAdd(TLanes.Broadcast(xd[k + 1]), weights, d);
                }
            }

            x += walk.SegmentStride;
            xb += walk.SegmentStride;
            xc += walk.SegmentStride;
            xd += walk.SegmentStride;
        }

        Add(y, a);
        Add(y + yStride, b);
        if (rows > 2)
        {
            Add(y + 2 * yStride, c);
        }

        if (rows > 3)
        {
            Add(y + 3 * yStride, d);
        }
    }

    /// <summary>Eight rows: 16 accumulators for a <see cref="Pair{T}"/>, so it wants the 32 registers of AVX-512.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Eight(float* x, Walk walk, uint* w, float* y, nint yStride)
    {
        TLanes a = default, b = default, c = default, d = default, e = default, f = default, g = default, h = default;
        var stride = walk.RowStride;
        for (var segment = 0; segment < walk.Segments; segment++, x += walk.SegmentStride)
        {
            float* row = x, upper = x + 4 * stride;
            for (var k = 0; k < walk.Length; k++, row++, upper++)
            {
                var weights = (k & 1) == 0 ? TLanes.LoadLow(w) : TLanes.LoadHigh(w);
                w += (k & 1) * TLanes.Count;
                a = TLanes.MultiplyAdd(TLanes.Broadcast(row[0]), weights, a);
                b = TLanes.MultiplyAdd(TLanes.Broadcast(row[stride]), weights, b);
                c = TLanes.MultiplyAdd(TLanes.Broadcast(row[2 * stride]), weights, c);
                d = TLanes.MultiplyAdd(TLanes.Broadcast(row[3 * stride]), weights, d);
                e = TLanes.MultiplyAdd(TLanes.Broadcast(upper[0]), weights, e);
                f = TLanes.MultiplyAdd(TLanes.Broadcast(upper[stride]), weights, f);
                g = TLanes.MultiplyAdd(TLanes.Broadcast(upper[2 * stride]), weights, g);
                h = TLanes.MultiplyAdd(TLanes.Broadcast(upper[3 * stride]), weights, h);
            }

            w += (walk.Length & 1) * TLanes.Count;
        }

        Add(y, a);
        Add(y + yStride, b);
        Add(y + 2 * yStride, c);
        Add(y + 3 * yStride, d);
        y += 4 * yStride;
        Add(y, e);
        Add(y + yStride, f);
        Add(y + 2 * yStride, g);
        Add(y + 3 * yStride, h);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(float* y, TLanes value) => (TLanes.Load(y) + value).Store(y);
}
