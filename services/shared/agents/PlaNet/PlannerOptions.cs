namespace Dreamer.Agents.PlaNet;

/// <summary>How actors plan (spec 2.5).</summary>
public sealed record PlannerOptions
{
    /// <summary>Steps of a plan.</summary>
    public int Horizon { get; init; } = 12;

    /// <summary>Refits per decision.</summary>
    public int Iterations { get; init; } = 10;

    /// <summary>Plans tried per refit.</summary>
    public int Candidates { get; init; } = 1000;

    /// <summary>Best plans that the next refit is made from.</summary>
    public int Top { get; init; } = 100;
}
