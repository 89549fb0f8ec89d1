namespace Dreamer.Policies.Numerics;

/// <summary>A zeroed array at a fixed, cache-line aligned address: kernels walk it by pointer. The owner must outlive the pointer's use.</summary>
internal sealed unsafe class AlignedBuffer<T> where T : unmanaged
{
    private const int Alignment = 64;

    // Reachable for as long as this object is, which keeps Pointer valid.
    private readonly byte[] _bytes;

    public AlignedBuffer(long length)
    {
        Length = checked((int)length);
        _bytes = GC.AllocateArray<byte>(checked((int)(length * sizeof(T)) + Alignment), pinned: true);
        var address = (nint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _bytes[0]);
        Pointer = (T*)((address + Alignment - 1) & ~(nint)(Alignment - 1));
    }

    public int Length { get; }

    public T* Pointer { get; }

    public Span<T> Span => new(Pointer, Length);
}
