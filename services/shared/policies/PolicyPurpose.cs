namespace Dreamer.Policies;

/// <summary>What actions are chosen for.</summary>
public enum PolicyPurpose
{
    /// <summary>Experience to learn from: with the exploration that the agent was told to do.</summary>
    Collect,

    /// <summary>A score: without exploration.</summary>
    Evaluate,
}
