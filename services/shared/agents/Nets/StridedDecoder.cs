using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Dreamer.Agents.Nets;

/// <summary>
/// Feature to the means of unit normals over every observation as before V3 (spec 2.1, 3.1, 4.1): images by a linear layer and four
/// transposed convolutions with stride 2 and no padding, 1 -> 5 -> 13 -> 30 -> 64; vectors by an MLP.
/// </summary>
public sealed class StridedDecoder
{
    private const int Root = 32;
    private static readonly int[] Kernels = [5, 5, 6, 6];
    private readonly ObservationLayout layout;
    private readonly PlainMlp? vector;
    private readonly Linear? root;
    private readonly (Parameter Weight, Parameter Bias, Func<Tensor, Tensor> After)[] stages = [];

    public StridedDecoder(
        ParameterSet set, ObservationLayout layout, int features, int depth, int units, int layers, Activation convActivation, Activation activation)
    {
        this.layout = layout;
        if (layout.VectorWidth > 0)
        {
            vector = new PlainMlp(set, "dec", features, units, layers, activation, layout.VectorWidth);
        }

        if (layout.Channels > 0)
        {
            var channels = Root * depth;
            root = PlainMlp.Layer(set, "dec/root", features, channels);
            stages = new (Parameter, Parameter, Func<Tensor, Tensor>)[Kernels.Length];
            for (var i = 0; i < stages.Length; i++)
            {
                var last = i == stages.Length - 1;
                var (kernel, outputs) = (Kernels[i], last ? layout.Channels : (depth << 2) >> i);
                stages[i] = (
                    set.Declare($"dec/conv{i}/weight", Initializer.Glorot(kernel * kernel * outputs, kernel * kernel * channels), channels, outputs, kernel, kernel),
                    set.Declare($"dec/conv{i}/bias", Initializer.Zeros, outputs),
                    last ? x => x : convActivation.After(set, $"dec/conv{i}", outputs));
                channels = outputs;
            }
        }
    }

    /// <summary>-ln N(observation; mean, 1) without its constant, summed over the elements: one loss [N] per observation key.</summary>
    /// <param name="feature">[N, F]</param>
    /// <param name="vectors">[N, V] as the encoder sees them, or null.</param>
    /// <param name="images">[N, 64, 64, C] as the encoder sees them, or null.</param>
    public IEnumerable<(string Key, Tensor Loss)> Losses(Tensor feature, Tensor? vectors, Tensor? images)
    {
        if (vector is not null && vectors is not null)
        {
            var errors = ScalarHead.Loss(vector.Apply(feature), vectors);
            var offset = 0L;
            foreach (var tensor in layout.Vectors)
            {
                var width = ObservationLayout.Width(tensor);
                yield return (tensor.Key, errors.narrow(1, offset, width).sum(-1));
                offset += width;
            }
        }

        if (root is not null && images is not null)
        {
            var errors = ScalarHead.Loss(Images(feature), images);
            var channel = 0L;
            foreach (var tensor in layout.Images)
            {
                yield return (tensor.Key, errors.narrow(3, channel, tensor.Shape[2]).sum([1, 2, 3]));
                channel += tensor.Shape[2];
            }
        }
    }

    /// <summary>[N, F] -> [N, 64, 64, C], the images joined on their channels in key order, in the encoder's scale.</summary>
    public Tensor Images(Tensor feature)
    {
        var pixel = root!.Apply(feature);
        var x = stages[0].After(OfOnePixel(pixel, stages[0].Weight.Value, stages[0].Bias.Value));
        foreach (var (weight, bias, after) in stages.AsSpan(1))
        {
            x = after(F.conv_transpose2d(x.permute(0, 3, 1, 2), weight.Value, bias.Value, strides: [2, 2]).permute(0, 2, 3, 1));
        }

        return x;
    }

    /// <summary>
    /// The transposed convolution of one pixel, which is a matrix product: libtorch 1.13 takes ten times as long for it as a convolution,
    /// half of all that the images of an update cost.
    /// </summary>
    /// <param name="pixel">[N, I]</param>
    /// <param name="weight">[I, O, k, k]</param>
    /// <param name="bias">[O]</param>
    /// <returns>[N, k, k, O]</returns>
    internal static Tensor OfOnePixel(Tensor pixel, Tensor weight, Tensor bias)
    {
        var (outputs, kernel) = (weight.shape[1], weight.shape[2]);
        return pixel.matmul(weight.permute(0, 2, 3, 1).reshape(weight.shape[0], -1)).view(-1, kernel, kernel, outputs) + bias;
    }
}
