namespace Dreamer.Environments.Recordings;

/// <summary>How far an environment strayed from a recording.</summary>
/// <param name="environment">Its name.</param>
public sealed class ReplayReport(string environment)
{
    private readonly List<SortedDictionary<string, double>> episodes = [];
    private int step;

    public string Environment { get; } = environment;

    /// <summary>For each episode the largest error of each quantity.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, double>> Episodes => episodes;

    /// <summary>The largest error of each quantity.</summary>
    public IReadOnlyDictionary<string, double> MaxError => new SortedDictionary<string, double>(
        episodes.SelectMany(errors => errors).GroupBy(error => error.Key).ToDictionary(error => error.Key, error => error.Max(entry => entry.Value)));

    /// <summary>Tolerance of each quantity, times its largest value where that is above 1.</summary>
    public SortedDictionary<string, double> Allowed { get; } = [];

    /// <summary>No error was larger than allowed.</summary>
    public bool Reproduces => FirstDifference is null;

    /// <summary>Where the first error larger than allowed was found; null where there was none.</summary>
    public string? FirstDifference { get; private set; }

    /// <summary>The episode ended in only one of the two: nothing after it can be compared.</summary>
    internal bool EndedOtherwise { get; private set; }

    internal void BeginEpisode()
    {
        episodes.Add([]);
        (step, EndedOtherwise) = (0, false);
    }

    internal void EndStep() => step++;

    internal void Add(Check check, double error)
    {
        var errors = episodes[^1];
        errors[check.Quantity] = Math.Max(error, errors.GetValueOrDefault(check.Quantity));
        Allowed[check.Quantity] = Math.Max(check.Allowed, Allowed.GetValueOrDefault(check.Quantity));
        if (!(error <= check.Allowed))
        {
            EndedOtherwise |= check.Quantity == RecordingReplay.Terminated;
            FirstDifference ??= $"episode {episodes.Count - 1}, step {step}: {check.Quantity} is off by {error:0.###e+0}, allowed is {check.Allowed:0.#e+0}";
        }
    }
}
