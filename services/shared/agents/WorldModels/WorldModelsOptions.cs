using Dreamer.Agents.Optimisers;

namespace Dreamer.Agents.WorldModels;

/// <summary>All hyper-parameters of World Models. The defaults are those of CarRacing (spec section 1).</summary>
public sealed record WorldModelsOptions
{
    /// <summary>Windows per batch (B).</summary>
    public int BatchSize { get; init; } = 100;

    /// <summary>Frames per window (T); M predicts all but the first.</summary>
    public int BatchLength { get; init; } = 1000;

    /// <summary>Latent variables of a frame (Z).</summary>
    public int Latent { get; init; } = 32;

    /// <summary>Base of the convolution channels.</summary>
    public int Depth { get; init; } = 32;

    /// <summary>Recurrent units (U).</summary>
    public int Units { get; init; } = 256;

    /// <summary>Normals in the mixture of each latent variable (K).</summary>
    public int Mixtures { get; init; } = 5;

    /// <summary>M predicts whether the episode ends, and is told where one begins.</summary>
    public bool PredictEnd { get; init; }

    /// <summary>Weight of the frames at which it does end.</summary>
    public double EndWeight { get; init; } = 10;

    /// <summary>Batches that V learns from, in steps of <see cref="VisionBatch"/> frames.</summary>
    public int VisionUpdates { get; init; } = 1000;

    public int VisionBatch { get; init; } = 100;

    /// <summary>Batches that M learns from, after V.</summary>
    public int MemoryUpdates { get; init; } = 4000;

    /// <summary>
    /// V's error in a pixel is its cross-entropy instead of its square, which stalls on pictures of one extreme colour: where the
    /// sigmoid has closed, the square passes no gradient.
    /// </summary>
    public bool CrossEntropy { get; init; }

    /// <summary>Nats per latent variable that the KL does not count.</summary>
    public double KlFloor { get; init; } = 0.5;

    /// <summary>Largest element of M's gradient.</summary>
    public double MemoryClip { get; init; } = 1;

    /// <summary>What M's learning rate, above its floor, is multiplied by with every update; 1 keeps it.</summary>
    public double MemoryDecay { get; init; } = 1;

    /// <summary>The floor.</summary>
    public double MemoryLeastRate { get; init; } = 1e-5;

    public AdamOptions VisionOptimiser { get; init; } = new() { LearningRate = 1e-4 };

    public AdamOptions MemoryOptimiser { get; init; } = new() { LearningRate = 1e-3 };

    public ControllerOptions Controller { get; init; } = new();

    /// <summary>Throws when a value cannot work; the message names the setting and the remedy.</summary>
    /// <exception cref="ArgumentException">A value is out of range.</exception>
    public void Validate()
    {
        Require(BatchSize >= 1 && BatchLength >= 2, "batch_size must be at least 1 and batch_length at least 2");
        Require(Latent >= 1 && Depth >= 1 && Units >= 1 && Mixtures >= 1, "latent, depth, units and mixtures must be at least 1");
        Require(VisionBatch >= 1 && VisionBatch <= BatchSize * BatchLength, $"vision_batch must lie between 1 and the frames of a batch ({BatchSize * BatchLength})");
        Require(VisionUpdates >= 1 && MemoryUpdates >= 1, "vision_updates and memory_updates must be at least 1");
        Require(KlFloor >= 0 && EndWeight > 0 && MemoryClip > 0, "kl_floor must not be negative; end_weight and memory_clip must be positive");
        Require(VisionOptimiser.LearningRate > 0 && MemoryOptimiser.LearningRate > 0, "the optimisers' learning_rate must be positive");
        Require(MemoryDecay is > 0 and <= 1, "memory_decay must lie above 0 and not above 1: 1 keeps the learning rate");
        Require(MemoryLeastRate >= 0 && MemoryLeastRate <= MemoryOptimiser.LearningRate, "memory_least_rate must not be negative, nor above memory_optimiser.learning_rate");
        Require(Controller.Population >= 4 && Controller.Population % 2 == 0, "controller.population must be even and at least 4");
        Require(Controller.Rollouts >= 1 && Controller.Sigma > 0, "controller.rollouts must be at least 1 and controller.sigma positive");
        Require(Controller.EvaluateEvery >= 0, "controller.evaluate_every must not be negative: 0 evaluates never");
        Require(Controller.OneSided >= 0, "controller.one_sided must not be negative");
        Require(!Controller.Dream || PredictEnd, "controller.dream needs predict_end: a dream is scored by when it ends");
        Require(Controller.Temperature > 0 && Controller.DreamSteps >= 1 && Controller.DreamStarts >= 1,
            "controller.temperature must be positive, controller.dream_steps and controller.dream_starts at least 1");
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new ArgumentException(message);
        }
    }
}
