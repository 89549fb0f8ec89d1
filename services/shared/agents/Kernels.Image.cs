using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Dreamer.Agents;

public static partial class Kernels
{
    /// <summary>A 5x5 convolution that keeps the size, then the largest of each 2x2 pixels (spec 5.3).</summary>
    /// <param name="x">[N, H, W, I], H and W at least 2.</param>
    /// <param name="weight">[O, I, 5, 5]</param>
    /// <param name="bias">[O]</param>
    /// <returns>[N, H/2, W/2, O]; has first-order gradients for all three tensors.</returns>
    public static Tensor ConvolvePool(Tensor x, Tensor weight, Tensor bias) => !Available || !IsPlain(x) || !IsPlain(weight)
        ? ConvolvePoolEager(x, weight, bias)
        : Image(dreamer_convolve_pool(x.Handle, weight.Handle, bias.Handle), x, weight, bias);

    /// <summary>What <see cref="ConvolvePool"/> computes, in eager operations.</summary>
    public static Tensor ConvolvePoolEager(Tensor x, Tensor weight, Tensor bias) =>
        F.max_pool2d(F.conv2d(x.permute(0, 3, 1, 2), weight, bias, padding: [2, 2]), 2).permute(0, 2, 3, 1);

    /// <summary>Doubles images by nearest neighbour, then a 5x5 convolution that keeps the size (spec 5.3).</summary>
    /// <param name="x">[N, H, W, I]</param>
    /// <param name="weight">[O, I, 5, 5]</param>
    /// <param name="bias">[O]</param>
    /// <returns>[N, 2H, 2W, O]; has first-order gradients for all three tensors.</returns>
    public static Tensor DoubleConvolve(Tensor x, Tensor weight, Tensor bias) => !Available || !IsPlain(x) || !IsPlain(weight)
        ? DoubleConvolveEager(x, weight, bias)
        : Image(dreamer_double_convolve(x.Handle, weight.Handle, bias.Handle), x, weight, bias);

    /// <summary>What <see cref="DoubleConvolve"/> computes, in eager operations.</summary>
    public static Tensor DoubleConvolveEager(Tensor x, Tensor weight, Tensor bias)
    {
        var (rows, height, width, channels) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3]);
        var large = x.reshape(rows, height, 1, width, 1, channels).expand(rows, height, 2, width, 2, channels)
            .reshape(rows, 2 * height, 2 * width, channels);
        return F.conv2d(large.permute(0, 3, 1, 2), weight, bias, padding: [2, 2]).permute(0, 2, 3, 1);
    }

    private static Tensor Image(nint handle, params ReadOnlySpan<Tensor> inputs)
    {
        var result = Wrap(handle);
        foreach (var input in inputs)
        {
            GC.KeepAlive(input);
        }

        return result;
    }

    [LibraryImport(Library)]
    private static partial nint dreamer_convolve_pool(nint x, nint weight, nint bias);

    [LibraryImport(Library)]
    private static partial nint dreamer_double_convolve(nint x, nint weight, nint bias);
}
