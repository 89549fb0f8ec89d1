using System.Diagnostics;
using Dreamer.Agents;
using Dreamer.Experience;
using Dreamer.Hosting;
using Dreamer.Hosting.Settings;
using Dreamer.Policies;
using Microsoft.Extensions.Logging;

namespace Dreamer.Learner;

/// <summary>
/// Train, publish, save, report, until the run's steps are done or it is cancelled. Runs on the thread that calls
/// <see cref="Run"/>, which owns all tensors: nothing here awaits but what carries finished weights to the actors.
/// </summary>
public sealed partial class LearnerLoop(
    IAgent agent, RunPlan plan, IReplay replay, IPolicyFeed feed, ILearnerRecord record, LearnerSettings settings,
    TimeProvider time, ILogger<LearnerLoop> logger)
{
    private const int MaxTraced = 32;

    /// <summary>Traced updates since the last publication, which goes on with their traces.</summary>
    private readonly List<ActivityContext> _traced = [];
    private LearnerProgress _progress = new();

    /// <summary>The newest weights on their way; the learner trains on meanwhile.</summary>
    private Task<long> _upload = Task.FromResult(0L);

    /// <summary>Where this run stands.</summary>
    public LearnerProgress Progress => _progress;

    /// <summary>
    /// Resumes from the newest checkpoint if there is one, then trains. Cancelling finishes the update, saves, and
    /// returns; so do the end of the run and a replay that winds it down.
    /// </summary>
    public void Run(CancellationToken cancellationToken)
    {
        _progress = record.Resume(agent) ?? new LearnerProgress();
        if (agent.Updates >= plan.TotalUpdates)
        {
            Log.Done(logger, agent.Updates);
            return;
        }

        var schema = plan.Schema;
        var length = agent.Context + agent.BatchLength;
        Publish(cancellationToken);
        Arrive();
        var welcome = replay.AttachAsync(
            new LearnerHello(
                schema, agent.BatchSize, length, agent.Context, plan.TrainRatio, plan.Seed,
                agent.Updates == 0 ? null : agent.Updates * plan.BatchSteps, _progress.Draws, plan.MinItems),
            cancellationToken).GetAwaiter().GetResult();
        if (welcome.WantsPriorities && !agent.TellsPriorities)
        {
            throw new UserErrorException(
                "replay.selectors.prioritized is above 0, but this agent does not tell what its steps are worth: dreamer_v3 does, or give the share to replay.selectors.uniform");
        }

        var source = new BatchSource(replay, schema, agent.BatchSize, length, settings.Prefetch, logger, cancellationToken);
        var drained = false;
        try
        {
            Train(source, welcome.WantsPriorities, new CarryCache(settings.CarryCacheBytes, schema, plan.ChunkSteps), cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Log.Stopping(logger, agent.Updates);
        }
        catch (ReplayDrainedException)
        {
            drained = true;
            Log.Drained(logger, agent.Updates);
        }
        finally
        {
            source.DisposeAsync().AsTask().GetAwaiter().GetResult();
            Save();
        }

        replay.DetachAsync(agent.Updates, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        try
        {
            if (!drained && !cancellationToken.IsCancellationRequested)
            {
                Publish(CancellationToken.None);
            }

            Arrive();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    private void Train(BatchSource source, bool prioritize, CarryCache carries, CancellationToken cancellationToken)
    {
        var published = new Due(time, settings.PublishSeconds);
        var saved = new Due(time, settings.CheckpointSeconds);
        var logged = new Due(time, settings.LogSeconds);
        var reported = new Due(time, settings.ReportSeconds);
        var lastPublished = agent.Updates;
        var instance = replay.Instance;
        while (agent.Updates < plan.TotalUpdates)
        {
            var waiting = Stopwatch.GetTimestamp();
            var item = Wait(source.NextAsync(cancellationToken));
            var waited = Stopwatch.GetElapsedTime(waiting);
            LearnerMetrics.PrefetchDepth.Record(source.Ready);
            using var span = LearnerMetrics.Traces.StartActivity("update", ActivityKind.Internal, item.Plan.Trace);
            if (item.Instance != instance)
            {
                // Another life of the replay: what was cached by its chunks is of no more use.
                carries.Clear();
                instance = item.Instance;
            }

            carries.Overlay(item.Batch);
            var updating = Stopwatch.GetTimestamp();
            var log = logged.Passed() || agent.Updates == 0;
            agent.Hear(item.Plan.Episodes);
            var result = agent.Train(item.Batch, log);
            var updated = Stopwatch.GetElapsedTime(updating);
            if (span is { Recorded: true } && _traced.Count < MaxTraced)
            {
                _traced.Add(span.SetTag("update", agent.Updates).Context);
            }

            carries.Put(item.Batch, result.State);
            if (prioritize)
            {
                Wait(replay.PrioritizeAsync(item.Instance, StepPriorities.Of(item.Batch, result.Priorities), cancellationToken));
            }

            _progress = _progress with
            {
                InsertedSteps = item.Plan.InsertedSteps,
                CountedFrom = agent.Updates == 1 ? item.Plan.CountedFrom : _progress.CountedFrom,
                Draws = item.Plan.Draws,
                Items = item.Plan.Items,
                TrainedSeconds = _progress.TrainedSeconds + waited.TotalSeconds + updated.TotalSeconds,
            };
            Count(waited, updated);
            record.Update(agent.Updates, _progress, item.Plan.Episodes, result.Metrics);
            record.Evaluated(item.Plan.Evaluations);
            if (settings.ReportSeconds > 0 && reported.Passed())
            {
                record.Report(_progress, agent.Report(item.Batch));
            }

            source.Return(item.Batch);
            if (agent.Updates - lastPublished >= settings.PublishUpdates || published.Passed())
            {
                Publish(cancellationToken);
                lastPublished = agent.Updates;
                published.Reset();
            }

            if (saved.Passed())
            {
                Save();
            }

            cancellationToken.ThrowIfCancellationRequested();
        }

        Log.Done(logger, agent.Updates);
    }

    private void Count(TimeSpan waited, TimeSpan updated)
    {
        LearnerMetrics.Updates.Add(1);
        LearnerMetrics.Wait.Record(waited.TotalSeconds);
        LearnerMetrics.UpdateTime.Record(updated.TotalSeconds);
    }

    /// <summary>Sends the weights as they are now, once those before them have arrived: none is skipped.</summary>
    private void Publish(CancellationToken cancellationToken)
    {
        Arrive();
        var start = Stopwatch.GetTimestamp();
        ActivityContext[] traced = [.. _traced];
        _traced.Clear();
        _progress = _progress with { WeightsVersion = _progress.WeightsVersion + 1 };
        _upload = UploadAsync(agent.ExportPolicy(_progress.WeightsVersion) with { Steps = _progress.InsertedSteps }, traced, start, cancellationToken);
    }

    private void Arrive() => _progress = _progress with { WeightsVersion = Math.Max(_progress.WeightsVersion, _upload.GetAwaiter().GetResult()) };

    private async Task<long> UploadAsync(PolicyBlob blob, ActivityContext[] traced, long start, CancellationToken cancellationToken)
    {
        using var span = LearnerMetrics.Traces.StartActivity(
            "publish weights", ActivityKind.Producer, traced.FirstOrDefault(), links: traced.Skip(1).Select(update => new ActivityLink(update)));
        blob = blob with { Trace = span is { Recorded: true } ? span.Context : default };
        var version = blob.Version;
        span?.SetTag("version", version);
        var newest = await feed.PublishAsync(blob, cancellationToken);
        if (newest > version)
        {
            // A learner that was ahead of this checkpoint published already: go on above it.
            version = newest + 1;
            await feed.PublishAsync(blob with { Version = version }, cancellationToken);
        }

        LearnerMetrics.PolicyVersion.Record(version);
        LearnerMetrics.PublishTime.Record(Stopwatch.GetElapsedTime(start).TotalSeconds);
        return version;
    }

    private void Save()
    {
        using var span = LearnerMetrics.Traces.StartActivity("checkpoint");
        var start = Stopwatch.GetTimestamp();
        record.Save(agent, _progress);
        LearnerMetrics.Saved();
        LearnerMetrics.CheckpointTime.Record(Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    private static void Wait(ValueTask task) => task.AsTask().GetAwaiter().GetResult();

    private static T Wait<T>(ValueTask<T> task) => task.AsTask().GetAwaiter().GetResult();

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "training is done after {Updates} updates")]
        public static partial void Done(ILogger logger, long updates);

        [LoggerMessage(2, LogLevel.Information, "stopping after {Updates} updates; saving")]
        public static partial void Stopping(ILogger logger, long updates);

        [LoggerMessage(3, LogLevel.Information, "the run winds down after {Updates} updates; saving")]
        public static partial void Drained(ILogger logger, long updates);
    }
}
