using static TorchSharp.torch;

namespace Dreamer.Agents.Distributions;

/// <summary>Standard deviations as DreamerV2 bounds them (spec 4.1, 4.3).</summary>
public static class BoundedStd
{
    private const double Lowest = 0.1;

    /// <summary>2 sigmoid(x / 2) + 0.1, in (0.1, 2.1); 1.1 at 0.</summary>
    public static Tensor Of(Tensor x) => (x * 0.5).sigmoid() * 2 + Lowest;
}
