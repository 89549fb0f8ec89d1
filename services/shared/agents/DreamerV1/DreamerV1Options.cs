using Dreamer.Agents.Optimisers;

namespace Dreamer.Agents.DreamerV1;

/// <summary>All hyper-parameters of Dreamer (2019). The defaults are the published ones (spec section 3).</summary>
public sealed record DreamerV1Options
{
    /// <summary>Windows per batch (B).</summary>
    public int BatchSize { get; init; } = 50;

    /// <summary>Trained steps per window (T).</summary>
    public int BatchLength { get; init; } = 50;

    /// <summary>Recurrent units (D).</summary>
    public int Deter { get; init; } = 200;

    /// <summary>Normal latent variables (S).</summary>
    public int Stoch { get; init; } = 30;

    /// <summary>Width of the hidden layers in the recurrent model.</summary>
    public int Hidden { get; init; } = 200;

    /// <summary>Base of the convolution channels.</summary>
    public int Depth { get; init; } = 32;

    /// <summary>Width of reward, continue, value and actor (U).</summary>
    public int Units { get; init; } = 400;

    /// <summary>Width of the layers that encode and decode vectors.</summary>
    public int VectorUnits { get; init; } = 300;

    public int VectorLayers { get; init; } = 3;

    public int RewardLayers { get; init; } = 2;

    public int ContinueLayers { get; init; } = 3;

    public int ValueLayers { get; init; } = 3;

    public int ActorLayers { get; init; } = 4;

    /// <summary>What teaches the latent state about observations.</summary>
    public Representation Representation { get; init; }

    /// <summary>Nats under which the batch mean of the KL is not pushed.</summary>
    public double FreeNats { get; init; } = 3;

    public double KlScale { get; init; } = 1;

    public double RewardScale { get; init; } = 1;

    /// <summary>Whether to predict where episodes end; without, dreams go on for ever.</summary>
    public bool PredictContinue { get; init; }

    public double ContinueScale { get; init; } = 10;

    /// <summary>Rewards are squashed by tanh.</summary>
    public bool TanhRewards { get; init; }

    /// <summary>Windows of the contrastive objective whose states stand against an observation.</summary>
    public int ContrastiveWindows { get; init; } = 10;

    /// <summary>Steps of each of those windows.</summary>
    public int ContrastiveSteps { get; init; } = 30;

    public int ContrastiveLayers { get; init; } = 3;

    /// <summary>Imagined steps from every replayed state (H).</summary>
    public int ImaginationHorizon { get; init; } = 15;

    /// <summary>Steps at the end of each window that are imagined from; 0 takes all.</summary>
    public int ImaginedStarts { get; init; }

    public double Discount { get; init; } = 0.99;

    /// <summary>Mix of bootstraps and returns.</summary>
    public double Lambda { get; init; } = 0.95;

    public ExplorationOptions Exploration { get; init; } = new();

    public AdamOptions ModelOptimiser { get; init; } = new() { LearningRate = 6e-4, Clip = 100, Epsilon = 1e-7 };

    public AdamOptions ValueOptimiser { get; init; } = new() { LearningRate = 8e-5, Clip = 100, Epsilon = 1e-7 };

    public AdamOptions ActorOptimiser { get; init; } = new() { LearningRate = 8e-5, Clip = 100, Epsilon = 1e-7 };

    /// <summary>Throws when a value cannot work; the message names the setting and the remedy.</summary>
    /// <exception cref="ArgumentException">A value is out of range.</exception>
    public void Validate()
    {
        Require(BatchSize >= 1 && BatchLength >= 2, "batch_size must be at least 1 and batch_length at least 2");
        Require(Deter >= 1 && Hidden >= 1 && Stoch >= 1, "deter, hidden and stoch must be at least 1");
        Require(Units >= 1 && VectorUnits >= 1 && Depth >= 1, "units, vector_units and depth must be at least 1");
        Require(VectorLayers >= 1, "vector_layers must be at least 1");
        Require(ActorLayers >= 1, "actor_layers must be at least 1");
        Require(RewardLayers >= 0 && ContinueLayers >= 0 && ValueLayers >= 0 && ContrastiveLayers >= 0, "numbers of layers must not be negative");
        Require(ImaginationHorizon >= 2, "imagination_horizon must be at least 2: the last value is the bootstrap");
        Require(ImaginedStarts >= 0, "imagined_starts must be 0 (all) or more");
        Require(ContrastiveWindows >= 1 && ContrastiveSteps >= 1, "contrastive_windows and contrastive_steps must be at least 1");
        Require(Discount is > 0 and <= 1 && Lambda is >= 0 and <= 1, "discount must lie in (0, 1] and lambda in [0, 1]");
        Exploration.Validate();
        foreach (var (name, optimiser) in new[] { ("model", ModelOptimiser), ("value", ValueOptimiser), ("actor", ActorOptimiser) })
        {
            Require(optimiser.LearningRate > 0 && optimiser.Clip >= 0, $"{name}_optimiser.learning_rate must be positive and its clip not negative");
        }
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new ArgumentException(message);
        }
    }
}
