using static TorchSharp.torch;

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

    /// <summary>Convolution, then max-pool 2x2. [N, H, W, in] -> [N, H/2, W/2, out]</summary>
    public Tensor Halve(Tensor x) => Kernels.ConvolvePool(x, weight.Value, bias.Value);

    /// <summary>Nearest neighbour, then convolution. [N, H, W, in] -> [N, 2H, 2W, out]</summary>
    public Tensor Double(Tensor x) => Kernels.DoubleConvolve(x, weight.Value, bias.Value);

    /// <summary>RMSNorm over the channels, then SiLU; same shape.</summary>
    public Tensor Activate(Tensor x) => Kernels.RmsNorm(x, norm!.Value, epsilon, silu: true);
}
