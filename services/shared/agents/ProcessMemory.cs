using System.Runtime.InteropServices;

namespace Dreamer.Agents;

/// <summary>What the C library of this process does with the memory that tensors give back.</summary>
public static partial class ProcessMemory
{
    private const int TrimThreshold = -1;
    private const int MmapThreshold = -3;
    private const int LargestMmapThreshold = 32 << 20;

    /// <summary>
    /// Keeps blocks of up to 32 MiB for the next tensor. Otherwise glibc asks the system for each of 128 KiB and more and gives it back, and
    /// every page is cleared and faulted in anew. Without glibc nothing happens.
    /// </summary>
    public static void KeepFreed()
    {
        if (OperatingSystem.IsLinux() && NativeLibrary.TryLoad("libc.so.6", out var glibc) && NativeLibrary.TryGetExport(glibc, "mallopt", out _))
        {
            _ = mallopt(MmapThreshold, LargestMmapThreshold);
            _ = mallopt(TrimThreshold, int.MaxValue);
        }
    }

    [LibraryImport("libc.so.6")]
    private static partial int mallopt(int parameter, int value);
}
