namespace Dreamer.Policies.Gaussian;

/// <summary>What the encoder and the recurrent model of a generation with normal latents are made of (spec 2.1, 3.1).</summary>
/// <param name="Deter">D</param>
/// <param name="Stoch">S</param>
/// <param name="Hidden">Width of the recurrent model's hidden layers.</param>
/// <param name="Depth">Base of the convolution channels.</param>
/// <param name="VectorUnits">Width of the vector encoder.</param>
/// <param name="VectorLayers">Layers of the vector encoder, at least 1.</param>
/// <param name="Activation">Of every dense layer; convolutions take ReLU.</param>
/// <param name="KerasCell">Whether the recurrent layer is Keras' GRU; TensorFlow's GRUBlockCell otherwise.</param>
internal sealed record GaussianNets(
    int Deter, int Stoch, int Hidden, int Depth, int VectorUnits, int VectorLayers, Activation Activation, bool KerasCell)
{
    private const int LargestExtent = 1 << 16;
    private const int ImageSize = 64;

    /// <summary>Checks each size alone, before anything is computed from it.</summary>
    /// <exception cref="PolicyFormatException">A size is out of range; the message names it.</exception>
    public void Validate()
    {
        Within(Deter, LargestExtent, "deter");
        Within(Stoch, LargestExtent, "stoch");
        Within(Hidden, LargestExtent, "hidden");
        Within(Depth, LargestExtent / 8, "depth");
        Within(VectorUnits, LargestExtent, "vector_units");
        Within(VectorLayers, 16, "vector_layers");
    }

    /// <summary>Refuses a size that cannot be.</summary>
    public static void Within(int value, int largest, string name)
    {
        if (value < 1 || value > largest)
        {
            throw new PolicyFormatException($"{name} is {value} in the policy's sizes; it must lie in 1..{largest}.");
        }
    }

    /// <summary>E, width of what the encoder gives the posterior.</summary>
    public int Tokens(ObservationLayout layout) =>
        (layout.VectorSize > 0 ? VectorUnits : 0) + (layout.Channels > 0 ? StridedEncoder.Outputs(Depth) : 0);

    /// <summary>The tensors of encoder and recurrent model.</summary>
    public void AddTensors(TensorList list, ObservationLayout layout, int actions, bool prior)
    {
        for (var layer = 0; layer < VectorLayers && layout.VectorSize > 0; layer++)
        {
            list.Linear($"enc/mlp{layer}", VectorUnits, layer == 0 ? layout.VectorSize : VectorUnits);
        }

        if (layout.Channels > 0 && (layout.Height, layout.ImageWidth) != (ImageSize, ImageSize))
        {
            throw new PolicyFormatException($"images of {layout.Height}x{layout.ImageWidth} pixels do not fit these networks: set env.size to {ImageSize}.");
        }

        for (var (stage, inputs) = (0, layout.Channels); stage < StridedEncoder.Stages && layout.Channels > 0; stage++)
        {
            list.Linear($"enc/conv{stage}", Depth << stage, inputs, StridedEncoder.Kernel, StridedEncoder.Kernel);
            inputs = Depth << stage;
        }

        list.Linear("rssm/input", Hidden, Stoch + actions);
        if (KerasCell)
        {
            list.Linear("rssm/gru/kernel", 3 * Deter, Hidden);
            list.Linear("rssm/gru/recurrent", 3 * Deter, Deter);
        }
        else
        {
            list.Linear("rssm/gru/gates", 2 * Deter, Hidden + Deter);
            list.Linear("rssm/gru/candidate", Deter, Hidden + Deter);
        }

        if (prior)
        {
            list.Linear("rssm/prior", Hidden, Deter);
            list.Linear("rssm/prior_state", 2 * Stoch, Hidden);
        }

        list.Linear("rssm/post", Hidden, checked(Deter + Tokens(layout)));
        list.Linear("rssm/post_state", 2 * Stoch, Hidden);
    }
}
