namespace Dreamer.Hosting.Edge;

/// <summary>Who calls, by the token it shows.</summary>
[Flags]
public enum PeerRole
{
    None = 0,

    /// <summary>Pushes experience and reads policies.</summary>
    Actor = 1,

    /// <summary>Draws batches and publishes policies.</summary>
    Learner = 2,

    /// <summary>A person or a monitor: reads the status.</summary>
    Operator = 4,
}
