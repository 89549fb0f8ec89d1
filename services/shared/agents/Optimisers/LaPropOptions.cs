namespace Dreamer.Agents.Optimisers;

/// <summary>Settings of <see cref="LaProp"/>; the defaults are the published ones (spec 5.6).</summary>
public sealed record LaPropOptions
{
    /// <summary>Reached after the warm-up.</summary>
    public double LearningRate { get; init; } = 4e-5;

    /// <summary>Updates over which the rate rises linearly from 0; 0 turns it off.</summary>
    public int WarmupUpdates { get; init; } = 1000;

    /// <summary>A gradient longer than this times the length of its parameter tensor is shortened to it.</summary>
    public double Clip { get; init; } = 0.3;

    /// <summary>Lower bound of the parameter length in that rule.</summary>
    public double ClipFloor { get; init; } = 1e-3;

    /// <summary>Decay of the momentum.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the mean square.</summary>
    public double Beta2 { get; init; } = 0.999;

    public double Epsilon { get; init; } = 1e-20;
}
