using static TorchSharp.torch;

namespace Dreamer.Agents.Nets;

/// <summary>Hidden layers of the generations before V3, Linear then activation, and a linear output (spec 2 to 4).</summary>
public sealed class PlainMlp
{
    private readonly (Linear Linear, Func<Tensor, Tensor> After)[] hidden;
    private readonly Linear? output;

    /// <param name="outputs">Width of the linear output layer, named <c>NAME/out</c>; 0 ends with the last hidden layer.</param>
    public PlainMlp(ParameterSet set, string name, int inputs, int units, int layers, Activation activation, int outputs = 0)
    {
        hidden = [.. Enumerable.Range(0, layers).Select(i =>
            (Layer(set, $"{name}/mlp{i}", i == 0 ? inputs : units, units), activation.After(set, $"{name}/mlp{i}", units)))];
        var last = layers == 0 ? inputs : units;
        output = outputs > 0 ? Layer(set, $"{name}/out", last, outputs) : null;
        Outputs = outputs > 0 ? outputs : last;
    }

    /// <summary>Width of the result.</summary>
    public int Outputs { get; }

    /// <summary>[..., in] -> [..., out]</summary>
    public Tensor Apply(Tensor x)
    {
        foreach (var (linear, after) in hidden)
        {
            x = after(linear.Apply(x));
        }

        return output is null ? x : output.Apply(x);
    }

    /// <summary>A linear layer as Keras begins it.</summary>
    internal static Linear Layer(ParameterSet set, string name, int inputs, int outputs) =>
        new(set, name, inputs, outputs, Initializer.Glorot(inputs, outputs));
}
