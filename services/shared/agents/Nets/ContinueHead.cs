using static TorchSharp.torch;

namespace Dreamer.Agents.Nets;

/// <summary>Feature to the logit of going on.</summary>
public sealed class ContinueHead
{
    private readonly Mlp hidden;
    private readonly Linear logit;

    public ContinueHead(ParameterSet set, string name, int features, int units, int layers, double epsilon)
    {
        hidden = new Mlp(set, $"{name}/mlp", features, units, layers, epsilon);
        logit = new Linear(set, $"{name}/logit", hidden.Outputs, 1);
    }

    /// <summary>[..., F] -> [...]</summary>
    public Tensor Apply(Tensor feature) => logit.Apply(hidden.Apply(feature)).squeeze(-1);
}
