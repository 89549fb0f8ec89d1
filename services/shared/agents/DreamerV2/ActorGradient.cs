namespace Dreamer.Agents.DreamerV2;

/// <summary>How the actor learns from dreams (spec 4.3).</summary>
public enum ActorGradient
{
    /// <summary>Reinforce for discrete actions, the dynamics for continuous ones.</summary>
    Auto,

    /// <summary>The score function, with the slow critic as baseline.</summary>
    Reinforce,

    /// <summary>Straight through critic, rewards and dynamics.</summary>
    Dynamics,

    /// <summary>A mix of the two.</summary>
    Both,
}
