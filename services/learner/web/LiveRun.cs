using Dreamer.Reporting;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.Learner.Web;

/// <summary>What only the process of a run can tell.</summary>
/// <param name="Progress">Counters and rates.</param>
/// <param name="TotalUpdates">Updates after which the run is done.</param>
/// <param name="Parameters">Trained parameters.</param>
/// <param name="Hops">Durations of this process.</param>
/// <param name="Replay">Asks the replay for its figures and its actors.</param>
public sealed record LiveRun(
    TrainingProgress Progress, long TotalUpdates, long Parameters, HopTimes Hops, Func<CancellationToken, Task<V1.StatusReply>> Replay);
