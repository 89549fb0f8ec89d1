using static TorchSharp.torch;

namespace Dreamer.Agents.Nets;

/// <summary>Block-diagonal linear layer: slice g of the input meets its own [in/G, out/G] matrix; one bias of size out (spec 5.1).</summary>
public sealed class BlockLinear
{
    private readonly int blocks;

    public BlockLinear(ParameterSet set, string name, int inputs, int outputs, int blocks)
    {
        this.blocks = blocks;
        // The published initialiser takes the full input width as fan-in, not the width of one block.
        Weight = set.Declare($"{name}/weight", Initializer.FanIn(inputs, 1), blocks, inputs / blocks, outputs / blocks);
        Bias = set.Declare($"{name}/bias", Initializer.Zeros, outputs);
    }

    public Parameter Weight { get; }

    public Parameter Bias { get; }

    /// <summary>[N, in] -> [N, out], blocks side by side</summary>
    public Tensor Apply(Tensor x) => Apply(x, Weight.Value, Bias.Value, blocks);

    /// <summary>The same with a given weight [G, in/G, out/G] and an addend that broadcasts to [N, out].</summary>
    public static Tensor Apply(Tensor x, Tensor weight, Tensor addend, int blocks)
    {
        if (blocks == 1)
        {
            return addmm(addend, x, weight.squeeze(0), 1, 1);
        }

        var rows = x.shape[0];
        var split = x.view(rows, blocks, -1).transpose(0, 1);                 // [N, in] -> [G, N, in/G]
        var product = bmm(split, weight).transpose(0, 1).reshape(rows, -1);   // [G, N, out/G] -> [N, out]
        return product + addend;
    }
}
