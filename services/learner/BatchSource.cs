using System.Collections.Immutable;
using System.Threading.Channels;
using Dreamer.Experience;
using Microsoft.Extensions.Logging;

namespace Dreamer.Learner;

/// <summary>
/// Reads batches ahead of training: asks for a plan, reads its chunks from the store, decodes them into one of a few
/// reusable batches. Training waits only where the rate limiter or the store is the slower side.
/// </summary>
internal sealed partial class BatchSource : IAsyncDisposable
{
    private readonly IReplay replay;
    private readonly BatchAssembler assembler;
    private readonly ILogger logger;
    private readonly Channel<Batch> free = Channel.CreateUnbounded<Batch>();
    private readonly Channel<Item> ready = Channel.CreateUnbounded<Item>();
    private readonly CancellationTokenSource stop;
    private readonly Task reading;

    /// <param name="prefetch">Batches read ahead, at least 1.</param>
    public BatchSource(IReplay replay, BatchAssembler assembler, int prefetch, ILogger logger, CancellationToken cancellationToken)
    {
        (this.replay, this.assembler, this.logger) = (replay, assembler, logger);
        for (var i = 0; i <= prefetch; i++)
        {
            free.Writer.TryWrite(assembler.NewBatch());
        }

        stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        reading = Task.Run(() => ReadAsync(stop.Token), CancellationToken.None);
    }

    /// <summary>Batches that wait to be trained on.</summary>
    public int Ready => ready.Reader.Count;

    /// <summary>The next batch; return it when it has been used.</summary>
    public ValueTask<Item> NextAsync(CancellationToken cancellationToken) => ready.Reader.ReadAsync(cancellationToken);

    /// <summary>Gives a used batch back.</summary>
    public void Return(Batch batch) => free.Writer.TryWrite(batch);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await reading;
        stop.Dispose();
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var batch = await free.Reader.ReadAsync(cancellationToken);
                ready.Writer.TryWrite(await FillAsync(batch, cancellationToken));
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            ready.Writer.TryComplete();
        }
        catch (Exception failure)
        {
            ready.Writer.TryComplete(failure);
        }
    }

    private async Task<Item> FillAsync(Batch batch, CancellationToken cancellationToken)
    {
        var episodes = ImmutableArray<Episode>.Empty;
        while (true)
        {
            var plan = await replay.SampleAsync(cancellationToken);
            episodes = episodes.AddRange(plan.Episodes);
            try
            {
                var chunks = plan.Windows.SelectMany(window => window.Chunks).Distinct().ToArray();
                var payload = await replay.ReadAsync(chunks, cancellationToken);
                if (Array.IndexOf(payload, null) < 0)
                {
                    assembler.Assemble(plan, chunks, payload, batch);
                    return new Item(batch, episodes, plan.InsertedSteps, plan.ReplayedSteps, plan.Items);
                }

                LearnerMetrics.MissingChunks.Add(payload.Count(part => part is null));
                Log.Missing(logger, plan.Id);
            }
            finally
            {
                replay.Release(plan.Id);
            }
        }
    }

    /// <summary>A batch and the counters of the replay at the time of its plan.</summary>
    internal readonly record struct Item(
        Batch Batch, ImmutableArray<Episode> Episodes, long InsertedSteps, long ReplayedSteps, long Items);

    private static partial class Log
    {
        [LoggerMessage(21, LogLevel.Warning, "chunks of plan {Plan} are gone from the store; asking for another plan")]
        public static partial void Missing(ILogger logger, long plan);
    }
}
