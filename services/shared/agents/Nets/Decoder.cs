using Dreamer.Spaces;
using static TorchSharp.torch;

namespace Dreamer.Agents.Nets;

/// <summary>Model state to predictions of every observation tensor, and their losses (spec 5.3).</summary>
public sealed class Decoder
{
    private readonly ObservationLayout layout;
    private readonly Mlp? hidden;
    private readonly Linear[] heads = [];
    private readonly ImageDecoder? images;

    public Decoder(
        ParameterSet set, ObservationLayout layout, int deter, int stoch, int units, int layers, int depth, int blocks, double epsilon)
    {
        this.layout = layout;
        if (layout.Vectors.Length > 0)
        {
            hidden = new Mlp(set, "dec/mlp", deter + stoch, units, layers, epsilon);
            heads = [.. layout.Vectors.Select(tensor => new Linear(set, $"dec/key/{tensor.Key}", hidden.Outputs, ObservationLayout.Width(tensor)))];
        }

        images = layout.Images.Length > 0 ? new ImageDecoder(set, layout, deter, stoch, units, depth, blocks, epsilon) : null;
    }

    /// <summary>One loss [N] per observation key.</summary>
    /// <param name="deter">[N, D]</param>
    /// <param name="stoch">[N, S*C]</param>
    /// <param name="feature">[N, F] both joined.</param>
    /// <param name="vectors">[N, V] as the encoder sees them, or null.</param>
    /// <param name="pictures">[N, H, W, C] in [0, 1], or null.</param>
    public IEnumerable<(string Key, Tensor Loss)> Losses(Tensor deter, Tensor stoch, Tensor feature, Tensor? vectors, Tensor? pictures)
    {
        if (hidden is not null && vectors is not null)
        {
            var x = hidden.Apply(feature);
            var offset = 0L;
            foreach (var (tensor, head) in layout.Vectors.Zip(heads))
            {
                var width = ObservationLayout.Width(tensor);
                yield return (tensor.Key, VectorLoss(head.Apply(x), vectors.narrow(1, offset, width), tensor));
                offset += width;
            }
        }

        if (images is not null && pictures is not null)
        {
            var errors = (images.Apply(deter, stoch) - pictures).square();
            var channel = 0L;
            foreach (var tensor in layout.Images)
            {
                yield return (tensor.Key, errors.narrow(3, channel, tensor.Shape[2]).sum([1, 2, 3]));
                channel += tensor.Shape[2];
            }
        }
    }

    /// <summary>[N, H, W, C] in (0, 1), the images joined on their channels in key order.</summary>
    public Tensor Images(Tensor deter, Tensor stoch) => images!.Apply(deter, stoch);

    // Sum over dimensions of the squared symlog error (no half), or of the cross-entropy of each category.
    private static Tensor VectorLoss(Tensor prediction, Tensor target, TensorSpec tensor)
    {
        if (tensor.DType == DType.Float32)
        {
            return (prediction - target).square().sum(-1);
        }

        var classes = prediction.view(-1, tensor.Elements, tensor.Classes).log_softmax(-1);
        return -(classes * target.reshape(-1, tensor.Elements, tensor.Classes)).sum([-2, -1]);
    }
}
