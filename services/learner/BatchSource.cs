using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
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
    private readonly IReplay _replay;
    private readonly BatchAssembler _assembler;
    private readonly ILogger _logger;
    private readonly Channel<Batch> _free = Channel.CreateUnbounded<Batch>();
    private readonly Channel<Item> _ready = Channel.CreateUnbounded<Item>();
    private readonly CancellationTokenSource _stop;
    private readonly Task _reading;

    /// <param name="prefetch">Batches read ahead, at least 1.</param>
    public BatchSource(
        IReplay replay, Schema schema, int batchSize, int length, int prefetch, ILogger logger, CancellationToken cancellationToken)
    {
        (_replay, _assembler, _logger) = (replay, new BatchAssembler(schema, batchSize, length), logger);
        for (var i = 0; i <= prefetch; i++)
        {
            _free.Writer.TryWrite(new Batch(schema, batchSize, length));
        }

        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _reading = Task.Run(() => ReadAsync(_stop.Token), CancellationToken.None);
    }

    /// <summary>Batches that wait to be trained on.</summary>
    public int Ready => _ready.Reader.Count;

    /// <summary>The next batch; return it when it has been used.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async ValueTask<Item> NextAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _ready.Reader.ReadAsync(cancellationToken);
        }
        catch (ChannelClosedException closed)
        {
            // What ended the reading is the error; without one it was the cancellation.
            ExceptionDispatchInfo.Throw(closed.InnerException ?? new OperationCanceledException(cancellationToken));
            throw;
        }
    }

    /// <summary>Gives a used batch back.</summary>
    public void Return(Batch batch) => _free.Writer.TryWrite(batch);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading;
        _stop.Dispose();
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var batch = await _free.Reader.ReadAsync(cancellationToken);
                _ready.Writer.TryWrite(await FillAsync(batch, cancellationToken));
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _ready.Writer.TryComplete();
        }
        catch (Exception failure)
        {
            _ready.Writer.TryComplete(failure);
        }
    }

    private async Task<Item> FillAsync(Batch batch, CancellationToken cancellationToken)
    {
        var episodes = ImmutableArray<FinishedEpisode>.Empty;
        var evaluations = ImmutableArray<EvaluatedEpisode>.Empty;
        while (true)
        {
            var asked = Stopwatch.GetTimestamp();
            var plan = await _replay.SampleAsync(cancellationToken);
            LearnerMetrics.PlanTime.Record(Stopwatch.GetElapsedTime(asked).TotalSeconds);
            var gone = false;
            episodes = episodes.AddRange(plan.Episodes);
            evaluations = evaluations.AddRange(plan.Evaluations);
            try
            {
                using var span = LearnerMetrics.Traces.StartActivity("fetch batch", ActivityKind.Consumer, plan.Trace);
                var start = Stopwatch.GetTimestamp();
                using var payload = await _replay.ReadAsync(plan, cancellationToken);
                if (payload.Missing == 0)
                {
                    _assembler.Assemble(plan, payload.Span, batch);
                    LearnerMetrics.FetchTime.Record(Stopwatch.GetElapsedTime(start).TotalSeconds);
                    return new Item(
                        batch, plan with { Episodes = episodes, Evaluations = evaluations, Trace = span?.Context ?? default }, _replay.Instance);
                }

                gone = true;
                LearnerMetrics.ChunksMissing.Add(payload.Missing);
                Log.Missing(_logger, plan.Id);
            }
            finally
            {
                await (gone ? _replay.ReturnAsync(plan, CancellationToken.None) : _replay.ReleaseAsync(plan.Id, CancellationToken.None));
            }
        }
    }

    /// <summary>A batch, the plan that it was read by, and the life of the replay that made it; its episodes are all that finished since the previous batch.</summary>
    internal readonly record struct Item(Batch Batch, BatchPlan Plan, Guid Instance);

    private static partial class Log
    {
        [LoggerMessage(21, LogLevel.Warning, "chunks of plan {Plan} are gone from the store; asking for another plan")]
        public static partial void Missing(ILogger logger, long plan);
    }
}
