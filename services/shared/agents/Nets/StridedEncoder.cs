using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Dreamer.Agents.Nets;

/// <summary>
/// Observations to tokens as before V3 (spec 2.1, 3.1, 4.1): images through four convolutions 4x4 with stride 2 and no padding,
/// depth * (1, 2, 4, 8) channels, 64 -> 31 -> 14 -> 6 -> 2; vectors through an MLP.
/// </summary>
public sealed class StridedEncoder
{
    /// <summary>The one image size that these networks are made for.</summary>
    public const int ImageSize = 64;

    private const int Stages = 4;
    private const int Kernel = 4;
    private const int MapSize = 2;
    private readonly PlainMlp? vector;
    private readonly (Parameter Weight, Parameter Bias, Func<Tensor, Tensor> After)[] stages = [];

    /// <exception cref="NotSupportedException">Images of another size; the message names the remedy.</exception>
    public StridedEncoder(
        ParameterSet set, ObservationLayout layout, int depth, int units, int layers, Activation convActivation, Activation activation)
    {
        if (layout.VectorWidth > 0)
        {
            vector = new PlainMlp(set, "enc", layout.VectorWidth, units, layers, activation);
            Tokens = vector.Outputs;
        }

        if (layout.Channels > 0)
        {
            if (layout.Height != ImageSize)
            {
                throw new NotSupportedException($"images of {layout.Height}x{layout.Height} pixels do not fit this agent's networks, which are made "
                    + $"for {ImageSize}x{ImageSize}: set env.size to {ImageSize}, or use --agent {AgentFactory.DreamerV3}");
            }

            stages = new (Parameter, Parameter, Func<Tensor, Tensor>)[Stages];
            var channels = layout.Channels;
            for (var i = 0; i < Stages; i++)
            {
                var outputs = depth << i;
                stages[i] = (
                    set.Declare($"enc/conv{i}/weight", Initializer.Glorot(Kernel * Kernel * channels, Kernel * Kernel * outputs), outputs, channels, Kernel, Kernel),
                    set.Declare($"enc/conv{i}/bias", Initializer.Zeros, outputs),
                    convActivation.After(set, $"enc/conv{i}", outputs));
                channels = outputs;
            }

            Tokens += MapSize * MapSize * channels;
        }
    }

    /// <summary>Width E of the tokens.</summary>
    public int Tokens { get; }

    /// <param name="vectors">[N, V], or null.</param>
    /// <param name="images">[N, 64, 64, C] as the agent scales them, or null.</param>
    /// <returns>[N, E]: the vectors' part first, then the map as [y, x, channel].</returns>
    public Tensor Apply(Tensor? vectors, Tensor? images)
    {
        var embedded = vectors is null || vector is null ? null : vector.Apply(vectors);
        if (images is null || stages.Length == 0)
        {
            return embedded ?? throw new InvalidOperationException("an environment shows at least one observation tensor");
        }

        var x = images;
        foreach (var (weight, bias, after) in stages)
        {
            x = after(F.conv2d(x.permute(0, 3, 1, 2), weight.Value, bias.Value, strides: [2, 2]).permute(0, 2, 3, 1));
        }

        x = x.reshape(x.shape[0], -1);                                                                       // [N, 2, 2, K] -> [N, 4 K]
        return embedded is null ? x : cat([embedded, x], 1);
    }
}
