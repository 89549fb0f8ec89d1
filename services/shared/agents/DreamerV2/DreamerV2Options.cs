using Dreamer.Agents.Optimisers;

namespace Dreamer.Agents.DreamerV2;

/// <summary>All hyper-parameters of DreamerV2. The defaults are those of the authors' code (spec section 4).</summary>
public sealed record DreamerV2Options
{
    /// <summary>Windows per batch (B).</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>Trained steps per window (T).</summary>
    public int BatchLength { get; init; } = 50;

    /// <summary>Recurrent units (D).</summary>
    public int Deter { get; init; } = 1024;

    /// <summary>Latent variables (S).</summary>
    public int Stoch { get; init; } = 32;

    /// <summary>Classes of each (C); 0 makes them normal variables.</summary>
    public int Classes { get; init; } = 32;

    /// <summary>Width of the hidden layers in the recurrent model.</summary>
    public int Hidden { get; init; } = 1024;

    /// <summary>Base of the convolution channels.</summary>
    public int Depth { get; init; } = 48;

    /// <summary>Width of reward, continue, value and actor (U).</summary>
    public int Units { get; init; } = 400;

    /// <summary>Width of the layers that encode and decode vectors.</summary>
    public int VectorUnits { get; init; } = 400;

    public int VectorLayers { get; init; } = 4;

    public int RewardLayers { get; init; } = 4;

    public int ContinueLayers { get; init; } = 4;

    public int ValueLayers { get; init; } = 4;

    public int ActorLayers { get; init; } = 4;

    /// <summary>A layer norm in every hidden layer; the recurrent layer always has one.</summary>
    public bool LayerNorm { get; init; }

    /// <summary>Share of the KL that trains the prior; the rest trains the posterior.</summary>
    public double KlBalance { get; init; } = 0.8;

    /// <summary>Nats under which the batch mean of the KL is not pushed.</summary>
    public double FreeNats { get; init; }

    public double KlScale { get; init; } = 1;

    public double RewardScale { get; init; } = 1;

    /// <summary>Whether to predict where episodes end; without, dreams go on for ever.</summary>
    public bool PredictContinue { get; init; } = true;

    public double ContinueScale { get; init; } = 1;

    /// <summary>Rewards are squashed by tanh.</summary>
    public bool TanhRewards { get; init; }

    /// <summary>Imagined steps from every replayed state (H).</summary>
    public int ImaginationHorizon { get; init; } = 15;

    /// <summary>Steps at the end of each window that are imagined from; 0 takes all.</summary>
    public int ImaginedStarts { get; init; }

    public double Discount { get; init; } = 0.99;

    /// <summary>Mix of bootstraps and returns.</summary>
    public double Lambda { get; init; } = 0.95;

    public ActorGradient ActorGradient { get; init; }

    /// <summary>Share of the dynamics in <see cref="ActorGradient.Both"/>.</summary>
    public double DynamicsShare { get; init; } = 0.1;

    /// <summary>Weight of the actor's entropy.</summary>
    public double EntropyScale { get; init; } = 2e-3;

    /// <summary>Updates from one copy of the critic, which gives the targets, to the next.</summary>
    public int SlowValueUpdates { get; init; } = 100;

    public AdamOptions ModelOptimiser { get; init; } = Adam(1e-4);

    public AdamOptions ValueOptimiser { get; init; } = Adam(2e-4);

    public AdamOptions ActorOptimiser { get; init; } = Adam(8e-5);

    public Plan2ExploreOptions Plan2Explore { get; init; } = new();

    /// <summary>Throws when a value cannot work; the message names the setting and the remedy.</summary>
    /// <exception cref="ArgumentException">A value is out of range.</exception>
    public void Validate()
    {
        Require(BatchSize >= 1 && BatchLength >= 2, "batch_size must be at least 1 and batch_length at least 2");
        Require(Deter >= 1 && Hidden >= 1 && Stoch >= 1, "deter, hidden and stoch must be at least 1");
        Require(Classes is 0 or (>= 2 and <= 256), "classes must lie between 2 and 256, or be 0 for normal variables");
        Require(Units >= 1 && VectorUnits >= 1 && Depth >= 1, "units, vector_units and depth must be at least 1");
        Require(VectorLayers >= 1 && ActorLayers >= 1, "vector_layers and actor_layers must be at least 1");
        Require(RewardLayers >= 0 && ContinueLayers >= 0 && ValueLayers >= 0, "numbers of layers must not be negative");
        Require(KlBalance is >= 0 and <= 1 && DynamicsShare is >= 0 and <= 1, "kl_balance and dynamics_share must lie in [0, 1]");
        Require(FreeNats >= 0 && EntropyScale >= 0, "free_nats and entropy_scale must not be negative");
        Require(ImaginationHorizon >= 2, "imagination_horizon must be at least 2: the last value is the bootstrap");
        Require(ImaginedStarts >= 0, "imagined_starts must be 0 (all) or more");
        Require(Discount is > 0 and <= 1 && Lambda is >= 0 and <= 1, "discount must lie in (0, 1] and lambda in [0, 1]");
        Require(SlowValueUpdates >= 1, "slow_value_updates must be at least 1");
        Require(Plan2Explore.Models >= 2 && Plan2Explore.Updates >= 0, "plan2_explore.models must be at least 2, since one cannot disagree, and plan2_explore.updates not negative");
        foreach (var (name, optimiser) in new[]
        {
            ("model_optimiser", ModelOptimiser), ("value_optimiser", ValueOptimiser), ("actor_optimiser", ActorOptimiser), ("plan2_explore.optimiser", Plan2Explore.Optimiser),
        })
        {
            Require(optimiser.LearningRate > 0 && optimiser.Clip >= 0, $"{name}.learning_rate must be positive and its clip not negative");
        }
    }

    private static AdamOptions Adam(double learningRate) => new() { LearningRate = learningRate, Clip = 100, Epsilon = 1e-5, WeightDecay = 1e-6 };

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new ArgumentException(message);
        }
    }
}
