namespace Dreamer.Agents.DreamerV3;

/// <summary>What teaches the latent state about observations.</summary>
public enum Representation
{
    /// <summary>Predict the observation from the state (spec 5.4).</summary>
    Reconstruction,

    /// <summary>Agree with the encoder's tokens and repeat nothing: no decoder (R2-Dreamer, spec 11).</summary>
    R2,
}
