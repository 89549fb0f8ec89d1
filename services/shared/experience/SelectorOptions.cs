namespace Dreamer.Experience;

/// <summary>
/// Settings of the section <c>replay.selectors</c>: which share of the windows that are not new is drawn by which rule. The shares sum to 1.
/// </summary>
public sealed record SelectorOptions
{
    private const double Rounding = 1e-9;

    /// <summary>Every window is as likely as any other.</summary>
    public double Uniform { get; init; } = 1;

    /// <summary>The n-th newest window with a probability that falls as 1/n.</summary>
    public double Recency { get; init; }

    /// <summary>Windows whose steps the learner got most wrong, as <see cref="PriorityOptions"/> weighs them.</summary>
    public double Prioritized { get; init; }

    /// <summary>DreamerV2's rule: starts up to the end of an episode, moved back where a window would run over it, so that ends come often.</summary>
    public double Ends { get; init; }

    /// <summary>Refuses shares that cannot work.</summary>
    /// <exception cref="ArgumentException">Names the settings.</exception>
    public void Validate()
    {
        var sum = Uniform + Prioritized + Recency + Ends;
        if (!(Uniform >= 0 && Prioritized >= 0 && Recency >= 0 && Ends >= 0 && Math.Abs(sum - 1) <= Rounding))
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"uniform {Uniform}, prioritized {Prioritized}, recency {Recency} and ends {Ends} must not be negative and must sum to 1: when one is raised, lower another by as much"));
        }
    }
}
