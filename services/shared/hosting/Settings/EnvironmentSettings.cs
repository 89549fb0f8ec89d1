using System.ComponentModel.DataAnnotations;

namespace Dreamer.Hosting.Settings;

/// <summary>Section <c>env</c>: the task.</summary>
public sealed record EnvironmentSettings
{
    /// <summary>Task, e.g. <c>CartPole-v1</c>.</summary>
    public string Name { get; init; } = "";

    /// <summary>What the agent sees where a task offers a choice.</summary>
    public ObservationKind Observation { get; init; }

    /// <summary>Image height and width, pixels.</summary>
    [Range(16, 512)]
    public int Size { get; init; }

    /// <summary>Environment steps per agent step.</summary>
    [Range(1, 64)]
    public int ActionRepeat { get; init; }

    /// <summary>Environment steps per episode, 0 for the task's own limit.</summary>
    [Range(0, int.MaxValue)]
    public int TimeLimit { get; init; }

    /// <summary>Environments per actor process.</summary>
    [Range(1, 4096)]
    public int Count { get; init; }
}
