using Dreamer.Agents.Nets;
using Dreamer.Spaces;

namespace Dreamer.Agents.DreamerV2;

/// <summary>All networks of the agent. Making one costs no memory.</summary>
public sealed class DreamerV2Model
{
    public DreamerV2Model(DreamerV2Options options, EnvironmentSpec spec)
    {
        options.Validate();
        var elu = options.LayerNorm ? Activation.Elu.Normed() : Activation.Elu;
        Layout = new ObservationLayout(spec);
        Latent = options.Classes == 0 ? new NormalLatent(options.Stoch) : new CategoricalLatent(options.Stoch, options.Classes);
        Encoder = new StridedEncoder(World, Layout, options.Depth, options.VectorUnits, options.VectorLayers, elu, elu);
        Rssm = new RecurrentModel(
            World, options.Deter, Latent.Width, Latent.Parameters, options.Hidden, Encoder.Tokens, spec.Action.Size, elu,
            (name, inputs, deter) => new NormGruCell(World, name, inputs, deter));
        Decoder = new StridedDecoder(World, Layout, Rssm.Feature, options.Depth, options.VectorUnits, options.VectorLayers, elu, elu);
        Reward = new ScalarHead(World, "rew", Rssm.Feature, options.Units, options.RewardLayers, elu);
        Continue = options.PredictContinue ? new ScalarHead(World, "con", Rssm.Feature, options.Units, options.ContinueLayers, elu) : null;
        Task = new Behaviour(options, "actor", "val", Rssm.Feature, elu, spec.Action);
        if (options.Plan2Explore.Enabled)
        {
            Ensemble = new Ensemble(Rssm.Feature, spec.Action.Size, Latent.Width, options.Units, options.Plan2Explore.Models, elu);
            Explorer = new Behaviour(options, "explorer", "explorer_val", Rssm.Feature, elu, spec.Action);
        }
    }

    /// <summary>Parameters of the world model: encoder, recurrent model and the heads.</summary>
    public ParameterSet World { get; } = new();

    public ObservationLayout Layout { get; }

    /// <summary>What the stochastic state is drawn from.</summary>
    public ILatent Latent { get; }

    public StridedEncoder Encoder { get; }

    public RecurrentModel Rssm { get; }

    public StridedDecoder Decoder { get; }

    public ScalarHead Reward { get; }

    /// <summary>Logit of discount * (1 - terminal); null where dreams go on for ever.</summary>
    public ScalarHead? Continue { get; }

    /// <summary>Does the task.</summary>
    public Behaviour Task { get; }

    /// <summary>Plan2Explore's predictors, if it is on.</summary>
    public Ensemble? Ensemble { get; }

    /// <summary>Seeks what they disagree on.</summary>
    public Behaviour? Explorer { get; }

    /// <summary>Elements per module.</summary>
    public IReadOnlyDictionary<string, long> CountPerModule()
    {
        ParameterSet?[] sets = [World, Task.ActorSet, Task.ValueSet, Ensemble?.Set, Explorer?.ActorSet, Explorer?.ValueSet];
        return new OrderedDictionary<string, long>(sets.OfType<ParameterSet>().SelectMany(set => set.CountPerModule()));
    }
}
