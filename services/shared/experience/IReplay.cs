using System.Collections.Immutable;

namespace Dreamer.Experience;

/// <summary>The replay as a learner sees it, in this process or over the network.</summary>
public interface IReplay : IAsyncDisposable
{
    /// <summary>Changes when the replay starts again, as <see cref="LearnerWelcome"/> says; empty before the first attach.</summary>
    Guid Instance { get; }

    /// <summary>Says what is wanted and where the run stands. Plans of an earlier learner are released.</summary>
    /// <exception cref="SchemaMismatchException">Actors write other tensors; the message names the key.</exception>
    Task<LearnerWelcome> AttachAsync(LearnerHello hello, CancellationToken cancellation);

    /// <summary>The next plan; waits for the train ratio.</summary>
    /// <exception cref="ReplayDrainedException">The run winds down.</exception>
    ValueTask<BatchPlan> SampleAsync(CancellationToken cancellation);

    /// <summary>The plan's chunks, of which only the header and the steps of its windows need to be there.</summary>
    ValueTask<ChunkPayloads> ReadAsync(BatchPlan plan, CancellationToken cancellation);

    /// <summary>The plan's payload has been read; its chunks may go.</summary>
    ValueTask ReleaseAsync(long planId, CancellationToken cancellation);

    /// <summary>Some of the plan's chunks are gone: nobody trains on it, so it counts as never drawn, and the replay looks at what the store still has.</summary>
    ValueTask ReturnAsync(BatchPlan plan, CancellationToken cancellation);

    /// <summary>The learner ends. A replay that cannot be reached is none the worse for not hearing of it.</summary>
    /// <param name="updates">Updates of its newest checkpoint.</param>
    /// <param name="cancellation">Gives the attempt up.</param>
    ValueTask DetachAsync(long updates, CancellationToken cancellation);

    /// <summary>What an update found of its steps, for a replay whose welcome asked for it. It may arrive with the next call for a plan, or get lost with the connection.</summary>
    /// <param name="instance">The life of the replay that the steps' chunks belong to; another one ignores them.</param>
    ValueTask PrioritizeAsync(Guid instance, ImmutableArray<StepPriorities> updates, CancellationToken cancellation);

    /// <summary>Current figures.</summary>
    ValueTask<ReplayStatus> StatusAsync(CancellationToken cancellation);
}
