using System.Collections.Immutable;
using System.Diagnostics;

namespace Dreamer.Experience;

/// <summary>What to train on next. Its chunks stay readable until the plan is released.</summary>
/// <param name="Id">For <see cref="IReplay.ReleaseAsync"/>.</param>
/// <param name="Windows">B windows.</param>
/// <param name="Chunks">The distinct chunks of all windows in order of first use: what to read, and the order of the payloads.</param>
/// <param name="Episodes">Finished since the previous plan.</param>
/// <param name="InsertedSteps">Steps inserted so far.</param>
/// <param name="ReplayedSteps">Steps replayed with this plan: belongs into the checkpoint of the update that trains on it.</param>
/// <param name="Draws">Random draws made with this plan: belongs into the checkpoint too.</param>
/// <param name="Items">Windows that existed.</param>
public sealed record BatchPlan(
    long Id,
    ImmutableArray<Window> Windows,
    ImmutableArray<long> Chunks,
    ImmutableArray<FinishedEpisode> Episodes,
    long InsertedSteps,
    long ReplayedSteps,
    long Draws,
    long Items)
{
    /// <summary>The span that drew it, where it draws a traced chunk for the first time; else default.</summary>
    public ActivityContext Trace { get; init; }

    /// <summary>Steps inserted when the rate limiter began to count, or its ratio was last changed.</summary>
    public long CountedFrom { get; init; }

    /// <summary>Scores of evaluation actors since the previous plan.</summary>
    public ImmutableArray<EvaluatedEpisode> Evaluations { get; init; } = [];
}
