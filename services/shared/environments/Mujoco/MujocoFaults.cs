using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Dreamer.Environments.Mujoco;

/// <summary>
/// MuJoCo's errors and warnings as exceptions. By default it writes a log file and, for an error, ends the process; an
/// exception may not pass through its frames, so the handlers note the message and the caller throws afterwards.
/// </summary>
internal static unsafe class MujocoFaults
{
    [ThreadStatic]
    private static string? noted;

    /// <summary>Takes the place of the handlers of a loaded library.</summary>
    public static void Hook(nint library)
    {
        *(nint*)NativeLibrary.GetExport(library, "mju_user_error") = (nint)(delegate* unmanaged[Cdecl]<byte*, void>)&Note;
        *(nint*)NativeLibrary.GetExport(library, "mju_user_warning") = (nint)(delegate* unmanaged[Cdecl]<byte*, void>)&Note;
    }

    /// <summary>Call after each call into the library that may fail.</summary>
    /// <exception cref="MujocoException">MuJoCo complained on this thread since the last call.</exception>
    public static void ThrowIfAny()
    {
        if (noted is { } message)
        {
            noted = null;
            throw new MujocoException($"MuJoCo: {message}");
        }
    }

    // The first message is the cause; what follows it are consequences.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Note(byte* message) => noted ??= Marshal.PtrToStringUTF8((nint)message);
}
