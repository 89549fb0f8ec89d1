using static TorchSharp.torch;

namespace Dreamer.Agents;

/// <summary>Fused operations.</summary>
public static class Kernels
{
    public static Tensor RmsNorm(Tensor x, Tensor scale, double eps, bool silu)
    {
        var y = x * (x.square().mean([-1], true) + eps).rsqrt() * scale;
        return silu ? y.silu() : y;
    }
}
