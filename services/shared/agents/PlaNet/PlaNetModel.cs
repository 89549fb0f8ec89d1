using Dreamer.Agents.Nets;
using Dreamer.Spaces;

namespace Dreamer.Agents.PlaNet;

/// <summary>All networks of the agent. Making one costs no memory.</summary>
public sealed class PlaNetModel
{
    public PlaNetModel(PlaNetOptions options, EnvironmentSpec spec)
    {
        options.Validate();
        var (units, relu) = (options.Units, Activation.Relu);
        Layout = new ObservationLayout(spec);
        Encoder = new StridedEncoder(Parameters, Layout, options.Depth, units, options.VectorLayers, relu, relu);
        Rssm = new GaussianRssm(
            Parameters, options.Deter, options.Stoch, options.Hidden, Encoder.Tokens, spec.Action.Size, relu,
            (name, inputs, deter) => new GruBlockCell(Parameters, name, inputs, deter));
        Decoder = new StridedDecoder(Parameters, Layout, Rssm.Feature, options.Depth, units, options.VectorLayers, relu, relu);
        Reward = new ScalarHead(Parameters, "rew", Rssm.Feature, units, options.RewardLayers, relu);
    }

    public ParameterSet Parameters { get; } = new();

    public ObservationLayout Layout { get; }

    public StridedEncoder Encoder { get; }

    public GaussianRssm Rssm { get; }

    public StridedDecoder Decoder { get; }

    public ScalarHead Reward { get; }
}
