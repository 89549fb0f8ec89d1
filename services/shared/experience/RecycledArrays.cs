using System.Numerics;

namespace Dreamer.Experience;

/// <summary>
/// Large arrays that are used again. Memory fresh from the system costs a page fault per 4 KiB, which is more than the copy
/// that fills it. Sizes are rounded up by at most a thirty-second. Thread safe.
/// </summary>
public static class RecycledArrays
{
    // Below this the collector hands out memory that it has used before.
    private const int Smallest = 64 << 10;
    private const long MostIdleBytes = 64 << 20;

    private static readonly Lock Gate = new();
    private static readonly Dictionary<int, Stack<byte[]>> Idle = [];
    private static long _idleBytes;

    /// <summary>An array of at least this length with anything in it.</summary>
    public static byte[] Rent(int length)
    {
        var size = RoundUp(length);
        lock (Gate)
        {
            if (Idle.TryGetValue(size, out var stack) && stack.TryPop(out var array))
            {
                _idleBytes -= size;
                return array;
            }
        }

        return GC.AllocateUninitializedArray<byte>(size);
    }

    /// <summary>Takes an array back; nobody may use it any more.</summary>
    public static void Return(byte[] array)
    {
        var size = array.Length;
        lock (Gate)
        {
            if (size < Smallest || size != RoundUp(size) || _idleBytes + size > MostIdleBytes)
            {
                return;
            }

            if (!Idle.TryGetValue(size, out var stack))
            {
                Idle.Add(size, stack = []);
            }

            stack.Push(array);
            _idleBytes += size;
        }
    }

    private static int RoundUp(int length)
    {
        var step = (int)(BitOperations.RoundUpToPowerOf2((uint)length) / 64);
        return length < Smallest || length > Array.MaxLength - step ? length : (length + step - 1) / step * step;
    }
}
