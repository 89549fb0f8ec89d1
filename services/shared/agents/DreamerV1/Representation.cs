namespace Dreamer.Agents.DreamerV1;

/// <summary>What teaches the latent state about observations (spec 3.4).</summary>
public enum Representation
{
    /// <summary>Predict the observation from the state.</summary>
    Reconstruction,

    /// <summary>Tell the state of an observation from the states of others.</summary>
    Contrastive,

    /// <summary>Nothing: only the reward.</summary>
    RewardOnly,
}
