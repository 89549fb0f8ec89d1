using System.Reflection;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Dreamer.Agents;

/// <summary>
/// Fused operations of libdreamer_native where there is one, and the same in eager operations everywhere else: on a GPU, in another
/// type than float32, or over a libtorch that the native library was not built for.
/// </summary>
public static partial class Kernels
{
    private const string Library = "dreamer_native";

    /// <summary>
    /// Whether the native library serves this process. It holds at::Tensor* of the libtorch that it was built against, so it may only
    /// be used under the backend that is built together with it, which marks its assembly.
    /// </summary>
    public static bool Available { get; } = Find();

    /// <summary>
    /// Root-mean-square normalisation over the last axis, times <paramref name="scale"/>, then SiLU if asked for:
    /// z = x / sqrt(mean(x^2) + eps) * scale; y = z * sigmoid(z) or z.
    /// </summary>
    /// <param name="x">[..., N]</param>
    /// <param name="scale">[N]</param>
    /// <param name="eps">Added to the mean square.</param>
    /// <param name="silu">Whether SiLU follows.</param>
    /// <returns>[..., N], in the type of <paramref name="x"/>; has first-order gradients for both tensors.</returns>
    public static Tensor RmsNorm(Tensor x, Tensor scale, double eps, bool silu)
    {
        if (!Available || !IsPlain(x) || !IsPlain(scale))
            return RmsNormEager(x, scale, eps, silu);
        Tensor y = Wrap(dreamer_rms_norm(x.Handle, scale.Handle, eps, silu ? 1 : 0));
        GC.KeepAlive(x);
        GC.KeepAlive(scale);
        return y;
    }

    /// <summary>What <see cref="RmsNorm"/> computes, in eager operations and at least in float32.</summary>
    public static Tensor RmsNormEager(Tensor x, Tensor scale, double eps, bool silu)
    {
        Tensor wide = x.dtype == ScalarType.Float64 ? x : x.to(ScalarType.Float32);
        Tensor z = wide * (wide.square().mean([-1], keepdim: true) + eps).rsqrt() * scale;
        return (silu ? z.silu() : z).to(x.dtype);
    }

    private static bool Find()
    {
        if (typeof(torch).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().All(mark => mark.Key != "NativeBuild"))
            return false;
        // The backend prepares the process and loads the library from where it finds it; after that its name is enough.
        _ = get_num_threads();
        return NativeLibrary.TryLoad($"lib{Library}.so", typeof(Kernels).Assembly, null, out _);
    }

    private static bool IsPlain(Tensor tensor) => tensor.dtype == ScalarType.Float32 && tensor.device_type == DeviceType.CPU;

    private static Tensor Wrap(nint handle) =>
        handle != 0 ? Tensor.UnsafeCreateTensor(handle) : throw new ExternalException(Marshal.PtrToStringUTF8(dreamer_last_error()));

    [LibraryImport(Library)]
    private static partial nint dreamer_rms_norm(nint x, nint scale, double eps, int silu);

    [LibraryImport(Library)]
    private static partial nint dreamer_last_error();
}
