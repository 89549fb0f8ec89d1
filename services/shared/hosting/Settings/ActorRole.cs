namespace Dreamer.Hosting.Settings;

/// <summary>What an actor's episodes are for.</summary>
public enum ActorRole
{
    /// <summary>Experience is stored.</summary>
    Train,

    /// <summary>Scores are reported, nothing is stored.</summary>
    Eval,
}
