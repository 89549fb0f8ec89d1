using Dreamer.Agents.Distributions;
using Dreamer.Agents.Nets;
using static TorchSharp.torch;

namespace Dreamer.Agents.WorldModels;

/// <summary>V (spec 1.2): a convolutional variational autoencoder of single frames. Frames are inverted: 1 - pixel / 255.</summary>
public sealed class Vision
{
    private readonly StridedEncoder encoder;
    private readonly Linear mean;
    private readonly Linear logVariance;
    private readonly StridedDecoder decoder;
    private readonly double floor;
    private readonly bool crossEntropy;

    public Vision(ObservationLayout layout, WorldModelsOptions options)
    {
        var relu = Activation.Relu;
        encoder = new StridedEncoder(Parameters, layout, options.Depth, units: 1, layers: 0, relu, relu);
        mean = PlainMlp.Layer(Parameters, "enc/mean", encoder.Tokens, options.Latent);
        logVariance = PlainMlp.Layer(Parameters, "enc/log_variance", encoder.Tokens, options.Latent);
        decoder = new StridedDecoder(Parameters, layout, options.Latent, options.Depth, units: 1, layers: 0, relu, relu);
        crossEntropy = options.CrossEntropy;
        floor = options.KlFloor * options.Latent;
    }

    public ParameterSet Parameters { get; } = new();

    /// <summary>[N, 64, 64, C] in 0..255 to what V sees.</summary>
    public static Tensor See(Tensor pixels) => 1 - pixels / 255;

    /// <summary>q(z | x): mean and logarithm of the variance, [N, Z] each.</summary>
    /// <param name="images">[N, 64, 64, C] as <see cref="See"/> gives them.</param>
    public (Tensor Mean, Tensor LogVariance) Encode(Tensor images)
    {
        var tokens = encoder.Apply(null, images);
        return (mean.Apply(tokens), logVariance.Apply(tokens));
    }

    /// <summary>z = mean + exp(log variance / 2) noise.</summary>
    public static Tensor Sample((Tensor Mean, Tensor LogVariance) moments, Tensor standardNormal) =>
        moments.Mean + (moments.LogVariance / 2).exp() * standardNormal;

    /// <summary>[N, Z] to [N, 64, 64, C] in [0, 1], inverted as the input is.</summary>
    public Tensor Decode(Tensor latent) => decoder.Images(latent).sigmoid();

    /// <summary>Squared error (or cross-entropy) summed over the pixels, and KL(q || N(0, 1)) not below the floor: a scalar each in the book.</summary>
    /// <param name="images">[N, 64, 64, C]</param>
    /// <param name="standardNormal">[N, Z]</param>
    public void Losses(Tensor images, Tensor standardNormal, LossBook book)
    {
        var moments = Encode(images);
        var logits = decoder.Images(Sample(moments, standardNormal));
        var errors = crossEntropy ? nn.functional.softplus(logits) - logits * images : (logits.sigmoid() - images).square();
        book.Add("image", 1, errors.sum([1, 2, 3]));
        var prior = new DiagonalNormal(zeros_like(moments.Mean), ones_like(moments.Mean));
        var divergence = new DiagonalNormal(moments.Mean, (moments.LogVariance / 2).exp()).Divergence(prior);
        book.Add("kl", 1, divergence.clamp_min(floor));
        book.Record("kl/nats", () => divergence.mean());
    }
}
