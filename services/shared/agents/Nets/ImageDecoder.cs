using static TorchSharp.torch;

namespace Dreamer.Agents.Nets;

/// <summary>Model state to images (spec 5.3): an m x m map from the state, then four doublings by nearest neighbour and convolution.</summary>
public sealed class ImageDecoder
{
    private static readonly int[] Multipliers = [4, 3, 2];
    private readonly BlockLinear fromDeter;
    private readonly Dense hidden;
    private readonly Linear fromStoch;
    private readonly Parameter norm;
    private readonly ImageLayer[] stages;
    private readonly ImageLayer output;
    private readonly int mapSize;
    private readonly int blocks;
    private readonly double epsilon;

    public ImageDecoder(ParameterSet set, ObservationLayout layout, int deter, int stoch, int units, int depth, int blocks, double epsilon)
    {
        (mapSize, this.blocks, this.epsilon) = (layout.MapSize, blocks, epsilon);
        var channels = depth * Multipliers[0];
        var map = mapSize * mapSize * channels;
        fromDeter = new BlockLinear(set, "dec/deter", deter, map, blocks);
        hidden = new Dense(set, "dec/stoch0", stoch, 2 * units, epsilon);
        fromStoch = new Linear(set, "dec/stoch1", 2 * units, map);
        norm = set.Declare("dec/map/norm", Initializer.Ones, channels);
        stages = new ImageLayer[Multipliers.Length];
        for (var i = 0; i < stages.Length; i++)
        {
            stages[i] = new ImageLayer(set, $"dec/conv{i}", channels, depth * Multipliers[i], epsilon);
            channels = depth * Multipliers[i];
        }

        output = new ImageLayer(set, "dec/image", channels, layout.Channels, epsilon, normalise: false);
    }

    /// <param name="deter">[N, D]</param>
    /// <param name="stoch">[N, S*C]</param>
    /// <returns>[N, H, W, channels] in (0, 1)</returns>
    public Tensor Apply(Tensor deter, Tensor stoch)
    {
        var rows = deter.shape[0];
        // Each block's output becomes a group of channels: [N, G, m, m, K/G] -> [N, m, m, K].
        var a = fromDeter.Apply(deter).view(rows, blocks, mapSize, mapSize, -1).permute(0, 2, 3, 1, 4).reshape(rows, mapSize, mapSize, -1);
        var b = fromStoch.Apply(hidden.Apply(stoch)).view(rows, mapSize, mapSize, -1);
        var x = Kernels.RmsNorm(a + b, norm.Value, epsilon, silu: true);
        foreach (var stage in stages)
        {
            x = stage.Activate(stage.Double(x));
        }

        return output.Double(x).sigmoid();
    }
}
