using System.Runtime.CompilerServices;

namespace Dreamer.Policies.Numerics;

/// <summary>How a tile walks its input: <paramref name="Segments"/> runs of <paramref name="Length"/> contiguous values per row.</summary>
/// <param name="RowStride">Values between two rows (entries of a batch, or neighbouring pixels of a convolution).</param>
/// <param name="Length">Values per run.</param>
/// <param name="Segments">Runs per row: 1 for a linear layer, the kernel height for a convolution.</param>
/// <param name="SegmentStride">Values between two runs.</param>
internal readonly record struct Walk(nint RowStride, int Length, int Segments = 1, nint SegmentStride = 0);

/// <summary>Where a tile writes: y = addend + x * W. The addend is a bias (stride 0) or y itself.</summary>
internal readonly unsafe struct Target(float* y, nint stride, float* addend, nint addendStride)
{
    public readonly float* Y = y;
    public readonly nint Stride = stride;
    public readonly float* Addend = addend;
    public readonly nint AddendStride = addendStride;

    public Target Move(nint rows, int columns) => new(Y + rows * Stride + columns, Stride, Addend + rows * AddendStride + columns, AddendStride);
}

/// <summary>
/// Register tiles of y = addend + x * W over one panel of W, for 1, 2, 4 or 8 rows. A panel is as wide as <typeparamref name="TLanes"/> and holds,
/// for each pair of inputs, one 32-bit word per output: the weight of the even input in its lower, of the odd input in its upper half.
/// Accumulation is in float32. Inlined, the accumulators would compete with the caller for registers and spill: 2.5 times slower.
/// </summary>
internal static unsafe class Tiles<TLanes> where TLanes : struct, ILanes<TLanes>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void One(float* x, Walk walk, uint* w, Target target)
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

        Write(target, 0, a + b + (c + d));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Two(float* x, Walk walk, uint* w, Target target)
    {
        TLanes a = default, b = default, aOdd = default, bOdd = default;
        for (var segment = 0; segment < walk.Segments; segment++, x += walk.SegmentStride)
        {
            float* row = x, next = x + walk.RowStride;
            for (var k = 0; k < walk.Length; k += 2, w += TLanes.Count)
            {
                var weights = TLanes.LoadLow(w);
                a = TLanes.MultiplyAdd(TLanes.Broadcast(row[k]), weights, a);
                b = TLanes.MultiplyAdd(TLanes.Broadcast(next[k]), weights, b);
                if (k + 1 < walk.Length)
                {
                    weights = TLanes.LoadHigh(w);
                    aOdd = TLanes.MultiplyAdd(TLanes.Broadcast(row[k + 1]), weights, aOdd);
                    bOdd = TLanes.MultiplyAdd(TLanes.Broadcast(next[k + 1]), weights, bOdd);
                }
            }
        }

        Write(target, 0, a + aOdd);
        Write(target, 1, b + bOdd);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Four(float* x, Walk walk, uint* w, Target target)
    {
        TLanes a = default, b = default, c = default, d = default;
        var stride = walk.RowStride;
        for (var segment = 0; segment < walk.Segments; segment++, x += walk.SegmentStride)
        {
            var row = x;
            for (var k = 0; k < walk.Length; k++, row++)
            {
                var weights = (k & 1) == 0 ? TLanes.LoadLow(w) : TLanes.LoadHigh(w);
                w += (k & 1) * TLanes.Count;
                a = TLanes.MultiplyAdd(TLanes.Broadcast(row[0]), weights, a);
                b = TLanes.MultiplyAdd(TLanes.Broadcast(row[stride]), weights, b);
                c = TLanes.MultiplyAdd(TLanes.Broadcast(row[2 * stride]), weights, c);
                d = TLanes.MultiplyAdd(TLanes.Broadcast(row[3 * stride]), weights, d);
            }

            w += (walk.Length & 1) * TLanes.Count;
        }

        Write(target, 0, a);
        Write(target, 1, b);
        Write(target, 2, c);
        Write(target, 3, d);
    }

    /// <summary>Eight rows: 16 accumulators for a <see cref="Pair{T}"/>, so it wants the 32 registers of AVX-512.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Eight(float* x, Walk walk, uint* w, Target target)
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

        Write(target, 0, a);
        Write(target, 1, b);
        Write(target, 2, c);
        Write(target, 3, d);
        Write(target, 4, e);
        Write(target, 5, f);
        Write(target, 6, g);
        Write(target, 7, h);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write(Target target, int row, TLanes value) =>
        (TLanes.Load(target.Addend + row * target.AddendStride) + value).Store(target.Y + row * target.Stride);
}
