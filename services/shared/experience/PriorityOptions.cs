namespace Dreamer.Experience;

/// <summary>Settings of the section <c>replay.priorities</c>: how the priorities of steps make the weight of a window (spec 6.1).</summary>
public sealed record PriorityOptions
{
    /// <summary>Power that each step's priority is raised to; 0 makes all windows alike, 1 keeps the priorities' proportions.</summary>
    public double Exponent { get; init; } = 0.8;

    /// <summary>Share of the largest step in a window's weight, in [0, 1]; the mean over its steps takes the rest.</summary>
    public double PeakShare { get; init; } = 0.5;

    /// <summary>Refuses values that cannot work.</summary>
    /// <exception cref="ArgumentException">Names the setting.</exception>
    public void Validate()
    {
        if (!(Exponent is >= 0 and <= 10))
        {
            throw new ArgumentException("replay.priorities.exponent must lie in 0 to 10");
        }

        if (!(PeakShare is >= 0 and <= 1))
        {
            throw new ArgumentException("replay.priorities.peak_share must lie in 0 to 1");
        }
    }
}
