using System.Diagnostics;
using Dreamer.Agents;
using Dreamer.Experience;
using Dreamer.Hosting.Settings;
using Dreamer.Policies;
using Microsoft.Extensions.Logging;

namespace Dreamer.Learner;

/// <summary>
/// Train, publish, save, report, until the run's steps are done or it is cancelled. Runs on the thread that calls
/// <see cref="Run"/>, which owns all tensors: nothing here awaits.
/// </summary>
public sealed partial class LearnerLoop(
    IAgent agent, RunPlan plan, IReplay replay, IPolicyFeed feed, ILearnerRecord record, LearnerSettings settings,
    TimeProvider time, ILogger<LearnerLoop> logger)
{
    private LearnerProgress progress = new();

    /// <summary>Where this run stands.</summary>
    public LearnerProgress Progress => progress;

    /// <summary>
    /// Resumes from the newest checkpoint if there is one, then trains. Cancelling finishes the update, saves, and
    /// returns; so does the end of the run.
    /// </summary>
    public void Run(CancellationToken cancellationToken)
    {
        progress = record.Resume(agent) ?? new LearnerProgress();
        if (agent.Updates >= plan.TotalUpdates)
        {
            Log.Done(logger, agent.Updates);
            return;
        }

        var schema = plan.Schema;
        var hello = new LearnerHello
        {
            Schema = schema,
            BatchSize = agent.BatchSize,
            WindowLength = agent.BatchLength + agent.Context,
            Context = agent.Context,
            TrainRatio = plan.TrainRatio,
            Tolerance = plan.Tolerance,
            MinSteps = plan.MinSteps,
            ReplayedSteps = agent.Updates * plan.BatchSteps,
            InsertedSteps = progress.InsertedSteps,
            Seed = plan.Seed,
        };
        Publish(cancellationToken);
        Wait(replay.AttachAsync(hello, cancellationToken));
        var source = new BatchSource(
            replay, new BatchAssembler(schema, agent.BatchSize, hello.WindowLength), settings.Prefetch, logger, cancellationToken);
        try
        {
            Train(source, new CarryCache(schema, settings.CarryCacheBytes), cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Log.Stopping(logger, agent.Updates);
        }
        finally
        {
            source.DisposeAsync().AsTask().GetAwaiter().GetResult();
            Save();
        }

        if (!cancellationToken.IsCancellationRequested)
        {
            Publish(CancellationToken.None);
        }
    }

    private void Train(BatchSource source, CarryCache carries, CancellationToken cancellationToken)
    {
        var published = new Due(time, settings.PublishSeconds);
        var saved = new Due(time, settings.CheckpointSeconds);
        var logged = new Due(time, settings.LogSeconds);
        var reported = new Due(time, settings.ReportSeconds);
        var lastPublished = agent.Updates;
        while (agent.Updates < plan.TotalUpdates)
        {
            var waiting = Stopwatch.GetTimestamp();
            var item = Wait(source.NextAsync(cancellationToken));
            var waited = Stopwatch.GetElapsedTime(waiting);
            carries.Overlay(item.Batch);
            var updating = Stopwatch.GetTimestamp();
            var log = logged.Passed() || agent.Updates == 0;
            var result = agent.Train(item.Batch, log);
            var updated = Stopwatch.GetElapsedTime(updating);
            carries.Put(item.Batch, result.State, agent.Context);

            progress = progress with
            {
                InsertedSteps = item.InsertedSteps,
                TrainedSeconds = progress.TrainedSeconds + waited.TotalSeconds + updated.TotalSeconds,
            };
            Count(waited, updated);
            record.Update(agent.Updates, progress, item.Episodes, result.Metrics);
            if (settings.ReportSeconds > 0 && reported.Passed())
            {
                record.Report(progress, agent.Report(item.Batch));
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
        LearnerMetrics.ReplayedSteps.Add(plan.BatchSteps);
        LearnerMetrics.WaitSeconds.Record(waited.TotalSeconds);
        LearnerMetrics.UpdateSeconds.Record(updated.TotalSeconds);
    }

    private void Publish(CancellationToken cancellationToken)
    {
        var version = progress.WeightsVersion + 1;
        var blob = agent.ExportPolicy(version);
        var newest = feed.PublishAsync(blob, cancellationToken).GetAwaiter().GetResult();
        if (newest > version)
        {
            // A learner that was ahead of this checkpoint published already: go on above it.
            version = newest + 1;
            feed.PublishAsync(blob with { Version = version }, cancellationToken).GetAwaiter().GetResult();
        }

        progress = progress with { WeightsVersion = version };
        LearnerMetrics.Publications.Add(1);
    }

    private void Save()
    {
        record.Save(agent, progress);
        LearnerMetrics.Checkpoints.Add(1);
    }

    private static T Wait<T>(ValueTask<T> task) => task.AsTask().GetAwaiter().GetResult();

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "training is done after {Updates} updates")]
        public static partial void Done(ILogger logger, long updates);

        [LoggerMessage(2, LogLevel.Information, "stopping after {Updates} updates; saving")]
        public static partial void Stopping(ILogger logger, long updates);
    }
}
