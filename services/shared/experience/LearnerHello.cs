namespace Dreamer.Experience;

/// <summary>What a learner says when it attaches.</summary>
/// <param name="Schema">Tensors that it expects.</param>
/// <param name="BatchSize">Windows per plan, B.</param>
/// <param name="Length">Steps per window, context included.</param>
/// <param name="Context">Leading steps that only carry state and do not count as replayed.</param>
/// <param name="TrainRatio">Replayed steps per inserted step.</param>
/// <param name="Seed">Seed of the sampler.</param>
/// <param name="ReplayedSteps">Replayed steps of the checkpoint that it resumes from; null for a run that starts anew.</param>
/// <param name="Draws">Random draws of that checkpoint.</param>
/// <param name="MinItems">Windows needed before training; 0 means B x T.</param>
public sealed record LearnerHello(
    Schema Schema,
    int BatchSize,
    int Length,
    int Context,
    double TrainRatio,
    ulong Seed,
    long? ReplayedSteps = null,
    long Draws = 0,
    long MinItems = 0);
