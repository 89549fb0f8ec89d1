namespace Dreamer.Agents.WorldModels;

/// <summary>C, and how it is searched for (spec 1.4 to 1.6).</summary>
public sealed record ControllerOptions
{
    /// <summary>Candidates per generation.</summary>
    public int Population { get; init; } = 64;

    /// <summary>Episodes per candidate, whose returns are averaged.</summary>
    public int Rollouts { get; init; } = 16;

    /// <summary>Generations from one evaluation of the mean to the next, over as many episodes as a generation plays; 0 for none. The best so far is what acts when nobody learns.</summary>
    public int EvaluateEvery { get; init; } = 25;

    /// <summary>First standard deviation of the candidates.</summary>
    public double Sigma { get; init; } = 0.1;

    /// <summary>Whether the controller sees the cell state beside the hidden state.</summary>
    public bool CellState { get; init; }

    public bool Bias { get; init; } = true;

    /// <summary>Last elements of a continuous action whose negative half stands for none at all, as the brake's does.</summary>
    public int OneSided { get; init; }

    /// <summary>Search inside the dream, for the candidate that lives longest there, instead of in the environment.</summary>
    public bool Dream { get; init; }

    /// <summary>Uncertainty of the dream: 1 is the model's own.</summary>
    public double Temperature { get; init; } = 1.25;

    /// <summary>Steps after which a dream ends.</summary>
    public int DreamSteps { get; init; } = 2100;

    /// <summary>First frames that are kept for dreams to begin with.</summary>
    public int DreamStarts { get; init; } = 1000;
}
