using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Dreamer.Policies.Numerics;

/// <summary>Reads an array as fast as one core can.</summary>
internal static unsafe class StreamLoop
{
    public static float Sum(AlignedBuffer<float> buffer) =>
        Vector512.IsHardwareAccelerated ? Sum<Lanes512>(buffer) : Sum<Lanes256>(buffer);

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static float Sum<TLanes>(AlignedBuffer<float> buffer) where TLanes : struct, ILanes<TLanes>
    {
        TLanes a = default, b = default, c = default, d = default;
        var x = buffer.Pointer;
        for (var i = 0; i + 4 * TLanes.Count <= buffer.Length; i += 4 * TLanes.Count, x += 4 * TLanes.Count)
        {
            a += TLanes.Load(x);
            b += TLanes.Load(x + TLanes.Count);
            c += TLanes.Load(x + 2 * TLanes.Count);
            d += TLanes.Load(x + 3 * TLanes.Count);
        }

        GC.KeepAlive(buffer);
        return TLanes.Sum(a + b + (c + d));
    }
}

/// <summary>Multiplies and adds in registers as fast as one core can.</summary>
internal static unsafe class PeakLoop
{
    private const int Rounds = 20_000;
    private static float s_sink;

    /// <summary>Multiply-adds of one <see cref="Run"/>.</summary>
    public static long MultiplyAdds => 10L * Rounds * (Vector512.IsHardwareAccelerated ? Lanes512.Count : Lanes256.Count);

    public static void Run() => s_sink = Vector512.IsHardwareAccelerated ? Run<Lanes512>(s_sink) : Run<Lanes256>(s_sink);

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static float Run<TLanes>(float start) where TLanes : struct, ILanes<TLanes>
    {
        TLanes x = TLanes.Broadcast(0.5f), y = TLanes.Broadcast(start * 0.25f);
        TLanes a = x, b = y, c = x, d = y, e = x, f = y, g = x, h = y, i = x, j = y;
        for (var round = 0; round < Rounds; round++)
        {
            a = TLanes.MultiplyAdd(a, x, y);
            b = TLanes.MultiplyAdd(b, x, y);
            c = TLanes.MultiplyAdd(c, x, y);
            d = TLanes.MultiplyAdd(d, x, y);
            e = TLanes.MultiplyAdd(e, x, y);
            f = TLanes.MultiplyAdd(f, x, y);
            g = TLanes.MultiplyAdd(g, x, y);
            h = TLanes.MultiplyAdd(h, x, y);
            i = TLanes.MultiplyAdd(i, x, y);
            j = TLanes.MultiplyAdd(j, x, y);
        }

        return TLanes.Sum(a + b + (c + d) + (e + f) + (g + h) + (i + j));
    }
}
