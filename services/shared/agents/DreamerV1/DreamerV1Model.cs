using Dreamer.Agents.Nets;
using Dreamer.Spaces;

namespace Dreamer.Agents.DreamerV1;

/// <summary>All networks of the agent. Making one costs no memory.</summary>
public sealed class DreamerV1Model
{
    public DreamerV1Model(DreamerV1Options options, EnvironmentSpec spec)
    {
        options.Validate();
        var (units, elu, relu) = (options.Units, Activation.Elu, Activation.Relu);
        Layout = new ObservationLayout(spec);
        Encoder = new StridedEncoder(World, Layout, options.Depth, options.VectorUnits, options.VectorLayers, relu, elu);
        Rssm = new GaussianRssm(
            World, options.Deter, options.Stoch, options.Hidden, Encoder.Tokens, spec.Action.Size, elu,
            (name, inputs, deter) => new KerasGruCell(World, name, inputs, deter));
        Decoder = new StridedDecoder(World, Layout, Rssm.Feature, options.Depth, options.VectorUnits, options.VectorLayers, relu, elu);
        Reward = new ScalarHead(World, "rew", Rssm.Feature, units, options.RewardLayers, elu);
        Continue = options.PredictContinue ? new ScalarHead(World, "con", Rssm.Feature, units, options.ContinueLayers, elu) : null;
        Contrastive = options.Representation == Representation.Contrastive
            ? new ContrastiveHead(
                World, Encoder.Tokens, Rssm.Feature, units, options.ContrastiveLayers, (options.ContrastiveWindows, options.ContrastiveSteps))
            : null;
        Value = new ScalarHead(Critic, "val", Rssm.Feature, units, options.ValueLayers, elu);
        Actor = new Actor(Behaviour, Rssm.Feature, units, options.ActorLayers, spec.Action);
    }

    /// <summary>Parameters of the world model: everything but value and actor.</summary>
    public ParameterSet World { get; } = new();

    /// <summary>Parameters of the value.</summary>
    public ParameterSet Critic { get; } = new();

    /// <summary>Parameters of the actor.</summary>
    public ParameterSet Behaviour { get; } = new();

    public ObservationLayout Layout { get; }

    public StridedEncoder Encoder { get; }

    public GaussianRssm Rssm { get; }

    public StridedDecoder Decoder { get; }

    public ScalarHead Reward { get; }

    /// <summary>Logit of discount * (1 - terminal); null where dreams go on for ever.</summary>
    public ScalarHead? Continue { get; }

    public ContrastiveHead? Contrastive { get; }

    public ScalarHead Value { get; }

    public Actor Actor { get; }

    /// <summary>Elements per module.</summary>
    public IReadOnlyDictionary<string, long> CountPerModule() => new OrderedDictionary<string, long>(
        new[] { World, Critic, Behaviour }.SelectMany(set => set.CountPerModule()));
}
