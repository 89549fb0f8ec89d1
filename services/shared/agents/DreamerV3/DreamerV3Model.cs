using Dreamer.Agents.Nets;
using Dreamer.Spaces;

namespace Dreamer.Agents.DreamerV3;

/// <summary>All networks of the agent, declared in the order of the published parameter list. Making one costs no memory.</summary>
public sealed class DreamerV3Model
{
    public DreamerV3Model(DreamerV3Options options, EnvironmentSpec spec)
    {
        options.Validate();
        var (units, bins, epsilon) = (options.Units, options.Bins, options.NormEpsilon);
        Layout = new ObservationLayout(spec);
        Sizes = new RssmSizes(
            options.Deter, options.Hidden, options.Stoch, options.Classes, options.Blocks, options.PriorLayers, options.Unimix, epsilon);
        Encoder = new Encoder(Parameters, Layout, units, options.EncoderLayers, options.Depth, epsilon);
        Rssm = new BlockRssm(Parameters, Sizes, Encoder.Tokens, spec.Action.Size);
        if (options.Representation == Representation.R2)
        {
            Redundancy = new RedundancyHead(Parameters, Encoder.Tokens, Sizes.Feature, options.R2Redundancy);
        }
        else
        {
            Decoder = new Decoder(
                Parameters, Layout, Sizes.Deter, Sizes.StochWidth, units, options.DecoderLayers, options.Depth, options.Blocks, epsilon);
        }

        Reward = new TwoHotHead(Parameters, "rew", Sizes.Feature, units, options.RewardLayers, bins, epsilon);
        Continue = new ContinueHead(Parameters, "con", Sizes.Feature, units, options.ContinueLayers, epsilon);
        Policy = new PolicyHead(Parameters, "pol", Sizes.Feature, units, options.PolicyLayers, spec.Action, options.Unimix, epsilon);
        Value = new TwoHotHead(Parameters, "val", Sizes.Feature, units, options.ValueLayers, bins, epsilon);
        SlowValue = new TwoHotHead(SlowParameters, "val", Sizes.Feature, units, options.ValueLayers, bins, epsilon);
    }

    /// <summary>Everything that is trained.</summary>
    public ParameterSet Parameters { get; } = new();

    /// <summary>The slow value's parameters, which only follow.</summary>
    public ParameterSet SlowParameters { get; } = new();

    public ObservationLayout Layout { get; }

    public RssmSizes Sizes { get; }

    public Encoder Encoder { get; }

    public BlockRssm Rssm { get; }

    /// <summary>Null where the latent state is not taught by reconstruction.</summary>
    public Decoder? Decoder { get; }

    /// <summary>What teaches it then.</summary>
    public RedundancyHead? Redundancy { get; }

    public TwoHotHead Reward { get; }

    public ContinueHead Continue { get; }

    public PolicyHead Policy { get; }

    public TwoHotHead Value { get; }

    public TwoHotHead SlowValue { get; }
}
