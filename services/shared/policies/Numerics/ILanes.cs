namespace Dreamer.Policies.Numerics;

/// <summary>One SIMD register of floats, so that each kernel is written once and compiled for every register width.</summary>
internal unsafe interface ILanes<TSelf> where TSelf : struct, ILanes<TSelf>
{
    static abstract int Count { get; }

    static abstract TSelf Load(float* source);

    static abstract TSelf Broadcast(float value);

    /// <summary>The bfloat16 values in the lower halves of <see cref="Count"/> 32-bit words.</summary>
    static abstract TSelf LoadLow(uint* source);

    /// <summary>The bfloat16 values in the upper halves of <see cref="Count"/> 32-bit words.</summary>
    static abstract TSelf LoadHigh(uint* source);

    static abstract TSelf MultiplyAdd(TSelf left, TSelf right, TSelf addend);

    static abstract TSelf Max(TSelf left, TSelf right);

    static abstract TSelf Min(TSelf left, TSelf right);

    /// <summary>2^n, where each element is n + 1.5 * 2^23: the sum has pushed the integer n into the lowest bits.</summary>
    static abstract TSelf PowerOfTwo(TSelf shifted);

    static abstract float Sum(TSelf value);

    static abstract TSelf operator +(TSelf left, TSelf right);

    static abstract TSelf operator -(TSelf left, TSelf right);

    static abstract TSelf operator *(TSelf left, TSelf right);

    static abstract TSelf operator /(TSelf left, TSelf right);

    void Store(float* destination);
}
