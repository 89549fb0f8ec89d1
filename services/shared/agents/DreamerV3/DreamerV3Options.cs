using Dreamer.Agents.Optimisers;

namespace Dreamer.Agents.DreamerV3;

/// <summary>All hyper-parameters of DreamerV3. The defaults are the published ones at size 200m (spec section 5).</summary>
public sealed record DreamerV3Options
{
    /// <summary>Windows per batch (B).</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>Trained steps per window (T); a window has one more, which supplies the recurrent state.</summary>
    public int BatchLength { get; init; } = 64;

    /// <summary>Recurrent units (D), a multiple of <see cref="Blocks"/>.</summary>
    public int Deter { get; init; } = 8192;

    /// <summary>Width of the hidden layers in the recurrent model.</summary>
    public int Hidden { get; init; } = 1024;

    /// <summary>Categorical latent variables (S).</summary>
    public int Stoch { get; init; } = 32;

    /// <summary>Classes of each (C), at most 256.</summary>
    public int Classes { get; init; } = 64;

    /// <summary>Blocks of the recurrent layers (G).</summary>
    public int Blocks { get; init; } = 8;

    /// <summary>Base of the convolution channels.</summary>
    public int Depth { get; init; } = 64;

    /// <summary>Width of encoder, decoder and heads (U).</summary>
    public int Units { get; init; } = 1024;

    /// <summary>Bins of reward and value (N), odd.</summary>
    public int Bins { get; init; } = 255;

    public int EncoderLayers { get; init; } = 3;

    public int DecoderLayers { get; init; } = 3;

    public int PriorLayers { get; init; } = 2;

    public int RewardLayers { get; init; } = 1;

    public int ContinueLayers { get; init; } = 1;

    public int PolicyLayers { get; init; } = 3;

    public int ValueLayers { get; init; } = 3;

    /// <summary>Added to the mean square in every RMSNorm.</summary>
    public double NormEpsilon { get; init; } = 1e-4;

    /// <summary>What teaches the latent state about observations.</summary>
    public Representation Representation { get; init; }

    /// <summary>Share of the uniform distribution in latents and discrete policies.</summary>
    public double Unimix { get; init; } = 0.01;

    /// <summary>Nats per step under which the KL losses are not pushed.</summary>
    public double FreeNats { get; init; } = 1;

    public double DynScale { get; init; } = 1;

    public double RepScale { get; init; } = 0.1;

    public double ReconstructionScale { get; init; } = 1;

    /// <summary>Scale of the loss of <see cref="Representation.R2"/>, used with that only.</summary>
    public double R2Scale { get; init; } = 0.05;

    /// <summary>Weight of the correlations between different tokens within it.</summary>
    public double R2Redundancy { get; init; } = 5e-4;

    public double RewardScale { get; init; } = 1;

    public double ContinueScale { get; init; } = 1;

    public double PolicyScale { get; init; } = 1;

    public double ValueScale { get; init; } = 1;

    public double ReplayValueScale { get; init; } = 0.3;

    /// <summary>Imagined steps from every replayed state (H).</summary>
    public int ImaginationHorizon { get; init; } = 15;

    /// <summary>Steps at the end of each window that are imagined from; 0 takes all.</summary>
    public int ImaginedStarts { get; init; }

    /// <summary>Steps over which rewards count: the discount is 1 - 1/this.</summary>
    public double DiscountHorizon { get; init; } = 333;

    /// <summary>Mix of bootstraps and returns.</summary>
    public double Lambda { get; init; } = 0.95;

    /// <summary>Weight of the policy's entropy, in nats.</summary>
    public double EntropyScale { get; init; } = 3e-4;

    /// <summary>Step of the slow value towards the value after each update.</summary>
    public double SlowValueRate { get; init; } = 0.02;

    /// <summary>Weight of the slow value as a second target.</summary>
    public double SlowValueScale { get; init; } = 1;

    /// <summary>Step of the return percentiles.</summary>
    public double PercentileRate { get; init; } = 0.01;

    public double PercentileLow { get; init; } = 0.05;

    public double PercentileHigh { get; init; } = 0.95;

    public LaPropOptions Optimiser { get; init; } = new();

    /// <summary>1 - 1/<see cref="DiscountHorizon"/></summary>
    public double Discount => 1 - 1 / DiscountHorizon;

    /// <summary>Throws when a value cannot work; the message names the setting and the remedy.</summary>
    /// <exception cref="ArgumentException">A value is out of range.</exception>
    public void Validate()
    {
        Require(BatchSize >= 1 && BatchLength >= 2, "batch_size must be at least 1 and batch_length at least 2");
        Require(Blocks >= 1 && Deter >= 1 && Deter % Blocks == 0, $"deter ({Deter}) must be a multiple of blocks ({Blocks})");
        Require(Hidden >= 1 && Stoch >= 1 && Units >= 1 && Depth >= 1, "hidden, stoch, units and depth must be at least 1");
        Require(Classes is >= 2 and <= 256, $"classes ({Classes}) must lie between 2 and 256");
        Require(Bins >= 3 && Bins % 2 == 1, $"bins ({Bins}) must be odd and at least 3");
        Require(ImaginationHorizon >= 1, "imagination_horizon must be at least 1");
        Require(ImaginedStarts is 0 or >= 2, "imagined_starts must be 0 (all) or at least 2");
        Require(DiscountHorizon > 1, "discount_horizon must be greater than 1");
        Require(Lambda is >= 0 and <= 1, "lambda must lie between 0 and 1");
        Require(Unimix is > 0 and < 1, "unimix must lie between 0 and 1, both excluded");
        Require(Optimiser.LearningRate > 0 && Optimiser.WarmupUpdates >= 0, "learning_rate must be positive and warmup_updates not negative");
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new ArgumentException(message);
        }
    }
}
