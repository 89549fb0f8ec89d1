using static TorchSharp.torch;

namespace Dreamer.Agents.Nets;

/// <summary>Feature to the logits of a two-hot scalar; the last layer starts at zero, so every prediction starts at exactly 0.</summary>
public sealed class TwoHotHead
{
    private readonly Mlp hidden;
    private readonly Linear logits;

    public TwoHotHead(ParameterSet set, string name, int features, int units, int layers, int bins, double epsilon)
    {
        hidden = new Mlp(set, $"{name}/mlp", features, units, layers, epsilon);
        logits = new Linear(set, $"{name}/logit", hidden.Outputs, bins, scale: 0);
    }

    /// <summary>[..., F] -> [..., N]</summary>
    public Tensor Apply(Tensor feature) => logits.Apply(hidden.Apply(feature));
}
