using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Dreamer.Agents.Nets;

/// <summary>A 5x5 convolution that keeps the size, with the norm over its channels. Images are [N, H, W, C] throughout.</summary>
public sealed class ImageLayer
{
    private const int Kernel = 5;
    private readonly Parameter weight;
    private readonly Parameter bias;
    private readonly Parameter? norm;
    private readonly double epsilon;

    public ImageLayer(ParameterSet set, string name, int inputs, int outputs, double epsilon, bool normalise = true)
    {
        this.epsilon = epsilon;
        weight = set.Declare($"{name}/weight", Initializer.FanIn(Kernel * Kernel * inputs, 1), outputs, inputs, Kernel, Kernel);
        bias = set.Declare($"{name}/bias", Initializer.Zeros, outputs);
        norm = normalise ? set.Declare($"{name}/norm", Initializer.Ones, outputs) : null;
    }

    /// <summary>[N, H, W, in] -> [N, H, W, out]</summary>
    public Tensor Convolve(Tensor x) =>
        F.conv2d(x.permute(0, 3, 1, 2), weight.Value, bias.Value, padding: [Kernel / 2, Kernel / 2]).permute(0, 2, 3, 1);

    /// <summary>RMSNorm over the channels, then SiLU; same shape.</summary>
    public Tensor Activate(Tensor x) => Kernels.RmsNorm(x, norm!.Value, epsilon, silu: true);
}
