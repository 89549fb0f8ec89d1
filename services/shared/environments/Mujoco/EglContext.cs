using System.Runtime.InteropServices;

namespace Dreamer.Environments.Mujoco;

/// <summary>An OpenGL context of Mesa's EGL without a window or a screen. Current on a thread only between Enter and Leave.</summary>
internal sealed unsafe class EglContext : IDisposable
{
    private const string Remedy = "Install Debian's packages libegl1, libegl-mesa0 and libgl1-mesa-dri, or set env.renderer software.";
    private const int SurfacelessPlatform = 0x31DD;
    private const int OpenGlApi = 0x30A2;

    // EGL_RENDERABLE_TYPE: EGL_OPENGL_BIT; EGL_SURFACE_TYPE: EGL_PBUFFER_BIT, not the window that is the default; end of the list.
    private static readonly int[] Wanted = [0x3040, 0x0008, 0x3033, 0x0001, 0x3038];
    private static readonly Lazy<(nint Library, nint Display)> Shared = new(Open);

    private readonly delegate* unmanaged[Cdecl]<nint, nint, nint, nint, int> makeCurrent;
    private nint context;

    /// <exception cref="MujocoException">EGL is missing, or cannot draw without a screen.</exception>
    public EglContext()
    {
        var (library, display) = Shared.Value;
        var choose = (delegate* unmanaged[Cdecl]<nint, int*, nint*, int, int*, int>)NativeLibrary.GetExport(library, "eglChooseConfig");
        var create = (delegate* unmanaged[Cdecl]<nint, nint, nint, int*, nint>)NativeLibrary.GetExport(library, "eglCreateContext");
        makeCurrent = (delegate* unmanaged[Cdecl]<nint, nint, nint, nint, int>)NativeLibrary.GetExport(library, "eglMakeCurrent");
        ((delegate* unmanaged[Cdecl]<int, int>)NativeLibrary.GetExport(library, "eglBindAPI"))(OpenGlApi);
        nint config;
        int found;
        fixed (int* wanted = Wanted)
        {
            context = choose(display, wanted, &config, 1, &found) != 0 && found > 0 ? create(display, config, 0, null) : 0;
        }

        if (context == 0)
        {
            throw new MujocoException($"EGL has no OpenGL that draws without a window. {Remedy}");
        }
    }

    /// <summary>Makes the context this thread's.</summary>
    /// <exception cref="MujocoException">Another thread is using it.</exception>
    public void Enter()
    {
        if (makeCurrent(Shared.Value.Display, 0, 0, context) == 0)
        {
            throw new MujocoException("EGL does not give this thread the context: it is in use on another.");
        }
    }

    /// <summary>Leaves the context to other threads.</summary>
    public void Leave() => makeCurrent(Shared.Value.Display, 0, 0, 0);

    public void Dispose()
    {
        if (context != 0)
        {
            ((delegate* unmanaged[Cdecl]<nint, nint, int>)NativeLibrary.GetExport(Shared.Value.Library, "eglDestroyContext"))(Shared.Value.Display, context);
            context = 0;
        }
    }

    private static (nint Library, nint Display) Open()
    {
        if (!NativeLibrary.TryLoad("libEGL.so.1", out var library))
        {
            throw new MujocoException($"libEGL.so.1 was not found. {Remedy}");
        }

        var display = ((delegate* unmanaged[Cdecl]<int, nint, nint*, nint>)NativeLibrary.GetExport(library, "eglGetPlatformDisplay"))(SurfacelessPlatform, 0, null);
        var initialise = (delegate* unmanaged[Cdecl]<nint, int*, int*, int>)NativeLibrary.GetExport(library, "eglInitialize");
        return display != 0 && initialise(display, null, null) != 0
            ? (library, display)
            : throw new MujocoException($"EGL cannot start without a screen. {Remedy}");
    }
}
