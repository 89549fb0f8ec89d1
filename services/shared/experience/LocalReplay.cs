using System.Collections.Immutable;

namespace Dreamer.Experience;

/// <summary>Actors' and learner's side of a replay in the same process. Owns the buffer.</summary>
public sealed class LocalReplay(ReplayBuffer buffer) : IReplay, IExperienceWriter, IEvaluationLog
{
    private volatile bool _finishing;

    /// <summary>The engine.</summary>
    public ReplayBuffer Buffer { get; } = buffer;

    public ValueTask OpenAsync(Schema schema, CancellationToken cancellation)
    {
        Buffer.UseSchema(schema);
        return ValueTask.CompletedTask;
    }

    public async ValueTask WriteAsync(Chunk chunk, CancellationToken cancellation)
    {
        // The end of a stream is short and final: it does not wait for the learner.
        var result = chunk.EndsStream || _finishing ? await Buffer.AppendAsync(chunk, cancellation) : await Buffer.InsertAsync(chunk, cancellation);
        if (result.Outcome == CommitOutcome.Gap)
        {
            throw new InvalidChunkException($"stream {chunk.Stream} sends chunk {chunk.Sequence}, but {result.NextSequence} comes next");
        }

        chunk.Release();
    }

    public void Finish() => _finishing = true;

    public Task FlushAsync(CancellationToken cancellation) => Buffer.FlushAsync(cancellation);

    public ValueTask ReportAsync(IReadOnlyList<EvaluatedEpisode> episodes, CancellationToken cancellation)
    {
        Buffer.Report(episodes);
        return ValueTask.CompletedTask;
    }

    public Guid Instance => Buffer.Instance;

    public Task<LearnerWelcome> AttachAsync(LearnerHello hello, CancellationToken cancellation) => Task.FromResult(Buffer.Attach(hello));

    public ValueTask<BatchPlan> SampleAsync(CancellationToken cancellation) => Buffer.SampleAsync(cancellation);

    public ValueTask<ChunkPayloads> ReadAsync(BatchPlan plan, CancellationToken cancellation) => Buffer.ReadAsync(plan, cancellation);

    public ValueTask ReleaseAsync(long planId, CancellationToken cancellation)
    {
        Buffer.Release(planId);
        return ValueTask.CompletedTask;
    }

    public ValueTask ReturnAsync(BatchPlan plan, CancellationToken cancellation) => Buffer.ReturnAsync(plan.Id, cancellation);

    public ValueTask DetachAsync(long updates, CancellationToken cancellation)
    {
        Buffer.Detach();
        return ValueTask.CompletedTask;
    }

    public ValueTask PrioritizeAsync(Guid instance, ImmutableArray<StepPriorities> updates, CancellationToken cancellation)
    {
        Buffer.Prioritize(instance, updates);
        return ValueTask.CompletedTask;
    }

    public ValueTask<ReplayStatus> StatusAsync(CancellationToken cancellation) => ValueTask.FromResult(Buffer.Status());

    public ValueTask DisposeAsync() => Buffer.DisposeAsync();
}
