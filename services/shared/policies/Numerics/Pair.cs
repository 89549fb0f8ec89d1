using System.Runtime.CompilerServices;

namespace Dreamer.Policies.Numerics;

/// <summary>Two registers side by side: one broadcast input serves both, which keeps the multipliers rather than the load ports busy.</summary>
internal readonly unsafe struct Pair<T>(T first, T second) : ILanes<Pair<T>> where T : struct, ILanes<T>
{
    private readonly T _first = first;
    private readonly T _second = second;

    public static int Count => 2 * T.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<T> Load(float* source) => new(T.Load(source), T.Load(source + T.Count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<T> Broadcast(float value)
    {
        var both = T.Broadcast(value);
        return new(both, both);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<T> LoadLow(uint* source) => new(T.LoadLow(source), T.LoadLow(source + T.Count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<T> LoadHigh(uint* source) => new(T.LoadHigh(source), T.LoadHigh(source + T.Count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<T> MultiplyAdd(Pair<T> left, Pair<T> right, Pair<T> addend) =>
        new(T.MultiplyAdd(left._first, right._first, addend._first), T.MultiplyAdd(left._second, right._second, addend._second));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<T> Max(Pair<T> left, Pair<T> right) => new(T.Max(left._first, right._first), T.Max(left._second, right._second));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<T> Min(Pair<T> left, Pair<T> right) => new(T.Min(left._first, right._first), T.Min(left._second, right._second));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<T> PowerOfTwo(Pair<T> shifted) => new(T.PowerOfTwo(shifted._first), T.PowerOfTwo(shifted._second));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Pair<T> value) => T.Sum(value._first + value._second);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<T> operator +(Pair<T> left, Pair<T> right) => new(left._first + right._first, left._second + right._second);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<T> operator -(Pair<T> left, Pair<T> right) => new(left._first - right._first, left._second - right._second);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<T> operator *(Pair<T> left, Pair<T> right) => new(left._first * right._first, left._second * right._second);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<T> operator /(Pair<T> left, Pair<T> right) => new(left._first / right._first, left._second / right._second);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* destination)
    {
        _first.Store(destination);
        _second.Store(destination + T.Count);
    }
}
