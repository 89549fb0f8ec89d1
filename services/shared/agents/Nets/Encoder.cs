using static TorchSharp.torch;

namespace Dreamer.Agents.Nets;

/// <summary>
/// Observations to tokens (spec 5.3): vectors through an MLP, images through four stages of
/// conv 5x5 -> max-pool 2x2 -> RMSNorm -> SiLU with depth * (2, 3, 4, 4) channels.
/// </summary>
public sealed class Encoder
{
    private static readonly int[] Multipliers = [2, 3, 4, 4];
    private readonly Mlp? vector;
    private readonly ImageLayer[] image = [];

    public Encoder(ParameterSet set, ObservationLayout layout, int units, int layers, int depth, double epsilon)
    {
        if (layout.VectorWidth > 0)
        {
            vector = new Mlp(set, "enc/mlp", layout.VectorWidth, units, layers, epsilon);
            Tokens = vector.Outputs;
        }

        if (layout.Channels > 0)
        {
            image = new ImageLayer[Multipliers.Length];
            var channels = layout.Channels;
            for (var i = 0; i < image.Length; i++)
            {
                image[i] = new ImageLayer(set, $"enc/conv{i}", channels, depth * Multipliers[i], epsilon);
                channels = depth * Multipliers[i];
            }

            Tokens += layout.MapSize * layout.MapSize * channels;
        }
    }

    /// <summary>Width E of the tokens.</summary>
    public int Tokens { get; }

    /// <param name="vectors">[N, V] symlog floats and one-hot categories, or null.</param>
    /// <param name="images">[N, H, W, C] in [0, 1], or null.</param>
    /// <returns>[N, E]</returns>
    public Tensor Apply(Tensor? vectors, Tensor? images)
    {
        var embedded = vectors is null || vector is null ? null : vector.Apply(vectors);
        if (images is null || image.Length == 0)
        {
            return embedded ?? throw new InvalidOperationException("an environment shows at least one observation tensor");
        }

        var x = images - 0.5;
        foreach (var stage in image)
        {
            x = stage.Activate(stage.Halve(x));
        }

        x = x.reshape(x.shape[0], -1); // [N, m, m, K] -> [N, m * m * K]
        return embedded is null ? x : cat([embedded, x], 1);
    }
}
