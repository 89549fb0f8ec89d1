using static TorchSharp.torch;

namespace Dreamer.Agents.Nets;

/// <summary>A stack of hidden layers of equal width.</summary>
public sealed class Mlp
{
    private readonly Dense[] layers;

    public Mlp(ParameterSet set, string name, int inputs, int units, int layers, double epsilon)
    {
        this.layers = [.. Enumerable.Range(0, layers).Select(i => new Dense(set, $"{name}{i}", i == 0 ? inputs : units, units, epsilon))];
        Outputs = layers == 0 ? inputs : units;
    }

    /// <summary>Width of the result.</summary>
    public int Outputs { get; }

    /// <summary>[..., in] -> [..., units]</summary>
    public Tensor Apply(Tensor x)
    {
        foreach (var layer in layers)
        {
            x = layer.Apply(x);
        }

        return x;
    }
}
