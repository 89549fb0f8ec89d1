using Dreamer.Agents.Optimisers;

namespace Dreamer.Agents.PlaNet;

/// <summary>All hyper-parameters of PlaNet. The defaults are the published ones (spec section 2).</summary>
public sealed record PlaNetOptions
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

    /// <summary>Width of the reward head, and of the layers that encode and decode vectors (U).</summary>
    public int Units { get; init; } = 300;

    public int VectorLayers { get; init; } = 3;

    public int RewardLayers { get; init; } = 3;

    /// <summary>Bits kept of each pixel; noise fills the rest.</summary>
    public int ImageBits { get; init; } = 5;

    /// <summary>Nats per step that the KL does not count.</summary>
    public double FreeNats { get; init; } = 3;

    public double KlScale { get; init; } = 1;

    public double RewardScale { get; init; } = 10;

    /// <summary>Steps that the prior is rolled ahead of each posterior; 0 for none.</summary>
    public int Overshooting { get; init; }

    public double OvershootingScale { get; init; } = 1;

    public PlannerOptions Planner { get; init; } = new();

    public ExplorationOptions Exploration { get; init; } = new();

    public AdamOptions Optimiser { get; init; } = new() { LearningRate = 1e-3, Clip = 1000, Epsilon = 1e-4 };

    /// <summary>Throws when a value cannot work; the message names the setting and the remedy.</summary>
    /// <exception cref="ArgumentException">A value is out of range.</exception>
    public void Validate()
    {
        Require(BatchSize >= 1 && BatchLength >= 2, "batch_size must be at least 1 and batch_length at least 2");
        Require(Deter >= 1 && Hidden >= 1 && Stoch >= 1, "deter, hidden and stoch must be at least 1");
        Require(Units >= 1 && Depth >= 1, "units and depth must be at least 1");
        Require(VectorLayers >= 1 && RewardLayers >= 1, "vector_layers and reward_layers must be at least 1");
        Require(ImageBits is >= 1 and <= 8, "image_bits must lie between 1 and 8");
        Require(Overshooting >= 0 && Overshooting < BatchLength && Overshooting != 1, $"overshooting must be 0 (none) or lie between 2 and batch_length - 1 ({BatchLength - 1})");
        Require(Planner.Horizon >= 1 && Planner.Iterations >= 1, "planner.horizon and planner.iterations must be at least 1");
        Require(Planner.Top >= 1 && Planner.Top <= Planner.Candidates, "planner.top must lie between 1 and planner.candidates");
        Require(Optimiser.LearningRate > 0 && Optimiser.Clip >= 0, "optimiser.learning_rate must be positive and its clip not negative");
        Exploration.Validate();
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new ArgumentException(message);
        }
    }
}
