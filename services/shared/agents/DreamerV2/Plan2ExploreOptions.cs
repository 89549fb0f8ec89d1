using Dreamer.Agents.Optimisers;

namespace Dreamer.Agents.DreamerV2;

/// <summary>Plan2Explore (Sekar et al., ICML 2020): a second actor that seeks what an ensemble of predictors disagrees on (spec 4.6).</summary>
public sealed record Plan2ExploreOptions
{
    /// <summary>Whether the second actor learns, and collects.</summary>
    public bool Enabled { get; init; }

    /// <summary>Updates after which the task's actor collects again; 0 leaves it to the second one for ever.</summary>
    public long Updates { get; init; }

    /// <summary>Predictors in the ensemble.</summary>
    public int Models { get; init; } = 10;

    /// <summary>Scale of the disagreement in the second actor's reward.</summary>
    public double DisagreementScale { get; init; } = 1;

    /// <summary>Scale of the task's reward in it.</summary>
    public double RewardScale { get; init; }

    public AdamOptions Optimiser { get; init; } = new() { LearningRate = 3e-4, Clip = 100, Epsilon = 1e-5, WeightDecay = 1e-6 };
}
