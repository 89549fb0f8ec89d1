namespace Dreamer.Hosting.Settings;

/// <summary>What an actor plays for.</summary>
public enum ActorRole
{
    /// <summary>Experience to learn from.</summary>
    Train,

    /// <summary>Scores: without exploration, nothing of it is stored.</summary>
    Eval,
}
