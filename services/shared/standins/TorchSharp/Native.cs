using System.Reflection;
using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>The C functions of libdreamer_native, and how that library is found and prepared for.</summary>
internal static unsafe partial class Native
{
    private const string Library = "dreamer_native";
    private const string FileName = "libdreamer_native.so";

    [LibraryImport(Library)] internal static partial byte* dreamer_last_error();
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] internal static partial nint dreamer_op(string name, string overload);
    [LibraryImport(Library)] internal static partial int dreamer_call(nint op, NativeArg* args, int count, NativeArg* results, int capacity);

    [LibraryImport(Library), SuppressGCTransition] internal static partial int dreamer_tensor_dim(nint tensor);
    [LibraryImport(Library), SuppressGCTransition] internal static partial long dreamer_tensor_numel(nint tensor);
    [LibraryImport(Library), SuppressGCTransition] internal static partial void dreamer_tensor_layout(nint tensor, long* sizes, long* strides);
    [LibraryImport(Library), SuppressGCTransition] internal static partial int dreamer_tensor_dtype(nint tensor);
    [LibraryImport(Library), SuppressGCTransition] internal static partial void dreamer_tensor_device(nint tensor, out int type, out int index);
    [LibraryImport(Library), SuppressGCTransition] internal static partial int dreamer_tensor_is_contiguous(nint tensor);
    [LibraryImport(Library), SuppressGCTransition] internal static partial int dreamer_tensor_requires_grad(nint tensor);
    [LibraryImport(Library), SuppressGCTransition] internal static partial int dreamer_tensor_is_leaf(nint tensor);
    [LibraryImport(Library)] internal static partial void dreamer_tensor_delete(nint tensor);
    [LibraryImport(Library)] internal static partial void* dreamer_tensor_data(nint tensor);
    [LibraryImport(Library)] internal static partial nint dreamer_tensor_from_blob(void* data, long* sizes, int dims, int dtype, delegate* unmanaged<nint, void> release, nint context);
    [LibraryImport(Library)] internal static partial int dreamer_tensor_set_requires_grad(nint tensor, int value);
    [LibraryImport(Library)] internal static partial nint dreamer_tensor_grad(nint tensor);
    [LibraryImport(Library)] internal static partial int dreamer_tensor_set_grad(nint tensor, nint grad);

    [LibraryImport(Library)] internal static partial int dreamer_backward(nint* tensors, nint* grads, int count, int retainGraph, int createGraph, nint* inputs, int inputCount);
    [LibraryImport(Library)] internal static partial int dreamer_grad(nint* outputs, int outputCount, nint* inputs, int inputCount, nint* grads, int retainGraph, int createGraph, int allowUnused, nint* results);
    [LibraryImport(Library)] internal static partial int dreamer_grad_enabled();
    [LibraryImport(Library)] internal static partial void dreamer_set_grad_enabled(int enabled);
    [LibraryImport(Library)] internal static partial nint dreamer_inference_enter(int enabled);
    [LibraryImport(Library)] internal static partial void dreamer_inference_leave(nint mode);
    [LibraryImport(Library)] internal static partial int dreamer_inference_enabled();

    [LibraryImport(Library)] internal static partial int dreamer_num_threads();
    [LibraryImport(Library)] internal static partial int dreamer_set_num_threads(int count);
    [LibraryImport(Library)] internal static partial int dreamer_cuda_count();
    [LibraryImport(Library)] internal static partial int dreamer_cuda_synchronize(int index);

    [LibraryImport(Library)] internal static partial int dreamer_manual_seed(long seed);
    [LibraryImport(Library)] internal static partial nint dreamer_generator_default(int type, int index);
    [LibraryImport(Library)] internal static partial nint dreamer_generator_clone(nint generator);
    [LibraryImport(Library)] internal static partial void dreamer_generator_delete(nint generator);
    [LibraryImport(Library)] internal static partial long dreamer_generator_seed(nint generator);
    [LibraryImport(Library)] internal static partial int dreamer_generator_set_seed(nint generator, long seed);
    [LibraryImport(Library)] internal static partial nint dreamer_generator_state(nint generator);
    [LibraryImport(Library)] internal static partial int dreamer_generator_set_state(nint generator, nint state);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)] private static partial int unsetenv(string name);

    /// <summary>Throws libtorch's message unless the call went well.</summary>
    internal static void Check(int succeeded)
    {
        if (succeeded == 0)
            Throw();
    }

    /// <summary>The handle, or libtorch's message when there is none.</summary>
    internal static nint Check(nint handle)
    {
        if (handle == 0)
            Throw();
        return handle;
    }

    internal static void Throw() => throw new ExternalException(Marshal.PtrToStringUTF8((nint)dreamer_last_error()));

    static Native() => NativeLibrary.SetDllImportResolver(typeof(Native).Assembly, Resolve);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library)
            return 0;
        PrepareProcess();
        string[] candidates = Candidates(assembly).ToArray();
        Exception? failure = null;
        foreach (string candidate in candidates.Where(File.Exists))
        {
            try
            {
                return NativeLibrary.Load(candidate);
            }
            catch (DllNotFoundException e)
            {
                failure = e;
            }
        }
        throw new DllNotFoundException(
            $"{FileName} {(failure is null ? "was not found" : "does not load")} (looked at {string.Join(", ", candidates)}). Run ./dreamer, which builds it, " +
            "or install libtorch-dev libopenblas0-openmp g++ cmake make and build the solution; $DREAMER_NATIVE may name the file or its folder.", failure);
    }

    /// <summary>Beside the assembly, then $DREAMER_NATIVE, then the folder the build writes to.</summary>
    private static IEnumerable<string> Candidates(Assembly assembly)
    {
        string beside = Path.GetDirectoryName(assembly.Location) is { Length: > 0 } folder ? folder : AppContext.BaseDirectory;
        yield return Path.Combine(beside, FileName);
        if (Environment.GetEnvironmentVariable("DREAMER_NATIVE") is { Length: > 0 } named)
            yield return Directory.Exists(named) ? Path.Combine(named, FileName) : named;
        if (assembly.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(m => m.Key == "NativeBuild")?.Value is { } build)
            yield return Path.Combine(build, FileName);
    }

    /// <summary>What must be so before OpenBLAS starts; .NET's own environment does not reach C's getenv.</summary>
    private static void PrepareProcess()
    {
        if (!OperatingSystem.IsLinux())
            return;
        // A core type forced by the environment halves OpenBLAS's speed on newer processors; it detects the right one itself.
        _ = unsetenv("OPENBLAS_CORETYPE");
    }
}
