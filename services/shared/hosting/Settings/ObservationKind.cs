namespace Dreamer.Hosting.Settings;

/// <summary>What the agent sees of a task that offers a choice.</summary>
public enum ObservationKind
{
    State,
    Image,
    Both,
}
