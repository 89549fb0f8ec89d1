using System.Runtime.InteropServices;
using Dreamer.Environments.Mujoco;

namespace Dreamer.Environments.Control;

/// <summary>
/// Draws with MuJoCo's own renderer on Mesa's EGL: the suite's pictures themselves, at a twentieth of the speed of
/// <see cref="SoftwarePicture"/> or less. Of one simulation.
/// </summary>
public sealed unsafe class MujocoPicture : IPicture
{
    /// <summary>MuJoCo's offscreen buffer has this many rows unless a model asks for more.</summary>
    public const int LargestSize = 480;

    // Larger than any release's struct: only MuJoCo reads and writes them.
    private const int StructBytes = 1 << 16;
    private const int MaxGeoms = 1000;
    private const int AllCategories = 7;
    private const int FixedCamera = 2;
    private const int OffscreenBuffer = 1;
    private const int FontScale = 100;

    private readonly EglContext gl = new();
    private readonly void* scene = NativeMemory.AllocZeroed(StructBytes);
    private readonly void* option = NativeMemory.AllocZeroed(StructBytes);
    private readonly void* view = NativeMemory.AllocZeroed(StructBytes);
    private readonly void* context = NativeMemory.AllocZeroed(StructBytes);
    private MujocoLibrary? library;

    public bool NeedsSky => true;

    /// <exception cref="MujocoException">EGL is missing, or the picture larger than <see cref="LargestSize"/>.</exception>
    public void Draw(Physics physics, int camera, Span<byte> pixels, int size)
    {
        if (size > LargestSize)
        {
            throw new MujocoException($"env.size: env.renderer mujoco draws up to {LargestSize} pixels, not {size}; use env.renderer software for more.");
        }

        gl.Enter();
        try
        {
            if (library is null)
            {
                Prepare(physics);
            }

            Draw(physics, camera, size, pixels);
            MujocoFaults.ThrowIfAny();
        }
        finally
        {
            gl.Leave();
        }

        // OpenGL's first row is the lowest.
        var row = new byte[3 * size].AsSpan();
        for (var (top, bottom) = (0, size - 1); top < bottom; top++, bottom--)
        {
            var upper = pixels.Slice(3 * size * top, 3 * size);
            var lower = pixels.Slice(3 * size * bottom, 3 * size);
            upper.CopyTo(row);
            lower.CopyTo(upper);
            row.CopyTo(lower);
        }
    }

    public void Dispose()
    {
        if (library is { } used)
        {
            gl.Enter();
            ((delegate* unmanaged[Cdecl]<void*, void>)used.Export("mjr_freeContext"))(context);
            ((delegate* unmanaged[Cdecl]<void*, void>)used.Export("mjv_freeScene"))(scene);
            gl.Leave();
            library = null;
        }

        gl.Dispose();
        foreach (var memory in new[] { (nint)scene, (nint)option, (nint)view, (nint)context })
        {
            NativeMemory.Free((void*)memory);
        }
    }

    private void Prepare(Physics physics)
    {
        library = physics.Model.Library;
        ((delegate* unmanaged[Cdecl]<void*, void>)library.Export("mjv_defaultScene"))(scene);
        ((delegate* unmanaged[Cdecl]<void*, void>)library.Export("mjv_defaultOption"))(option);
        ((delegate* unmanaged[Cdecl]<void*, void>)library.Export("mjv_defaultCamera"))(view);
        ((delegate* unmanaged[Cdecl]<void*, void>)library.Export("mjr_defaultContext"))(context);
        ((delegate* unmanaged[Cdecl]<nint, void*, int, void>)library.Export("mjv_makeScene"))(physics.Model.Pointer, scene, MaxGeoms);
        ((delegate* unmanaged[Cdecl]<nint, void*, int, void>)library.Export("mjr_makeContext"))(physics.Model.Pointer, context, FontScale);
        ((delegate* unmanaged[Cdecl]<int, void*, void>)library.Export("mjr_setBuffer"))(OffscreenBuffer, context);
    }

    private void Draw(Physics physics, int camera, int size, Span<byte> pixels)
    {
        // mjvCamera begins with its type and the number of the model's camera.
        (((int*)view)[0], ((int*)view)[1]) = (FixedCamera, camera);
        var area = new Rectangle(0, 0, size, size);
        ((delegate* unmanaged[Cdecl]<nint, nint, void*, void*, void*, int, void*, void>)library!.Export("mjv_updateScene"))(
            physics.Model.Pointer, physics.Data.Pointer, option, null, view, AllCategories, scene);
        ((delegate* unmanaged[Cdecl]<Rectangle, void*, void*, void>)library.Export("mjr_render"))(area, scene, context);
        fixed (byte* into = pixels)
        {
            ((delegate* unmanaged[Cdecl]<byte*, float*, Rectangle, void*, void>)library.Export("mjr_readPixels"))(into, null, area, context);
        }
    }

    private readonly record struct Rectangle(int Left, int Bottom, int Width, int Height);
}
