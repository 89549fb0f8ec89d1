namespace Dreamer.Experience;

/// <summary>Where evaluation actors hand their scores in, in this process or over the network.</summary>
public interface IEvaluationLog
{
    /// <summary>Hands episodes in; they reach the learner with its next plan.</summary>
    /// <exception cref="InvalidChunkException">One was refused; none was taken.</exception>
    ValueTask ReportAsync(IReadOnlyList<EvaluatedEpisode> episodes, CancellationToken cancellation);
}
