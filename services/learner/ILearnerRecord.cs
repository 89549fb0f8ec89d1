using System.Collections.Immutable;
using Dreamer.Agents;
using Dreamer.Experience;

namespace Dreamer.Learner;

/// <summary>Where a run is written down: checkpoints, metrics, scores, pictures.</summary>
public interface ILearnerRecord
{
    /// <summary>Loads the newest intact checkpoint into the agent; null where there is none.</summary>
    LearnerProgress? Resume(IAgent agent);

    /// <summary>Writes one atomic cut.</summary>
    void Save(IAgent agent, LearnerProgress progress);

    /// <summary>Takes note of one update. Metrics are null except when they are due.</summary>
    void Update(long updates, LearnerProgress progress, ImmutableArray<FinishedEpisode> episodes, IReadOnlyDictionary<string, double>? metrics);

    /// <summary>Takes note of episodes that evaluation actors have played.</summary>
    void Evaluated(ImmutableArray<EvaluatedEpisode> episodes);

    /// <summary>Keeps open-loop pictures.</summary>
    void Report(LearnerProgress progress, IReadOnlyList<ReportImage> images);
}
