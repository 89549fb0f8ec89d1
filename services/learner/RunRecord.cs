using System.Collections.Immutable;
using System.Text.Json;
using Dreamer.Agents;
using Dreamer.Agents.Checkpoints;
using Dreamer.Experience;
using Dreamer.Reporting;
using Microsoft.Extensions.Logging;

namespace Dreamer.Learner;

/// <summary>Writes a run down in its logdir and keeps the figures of the live view.</summary>
/// <param name="actionRepeat">Environment steps per agent step: logs count environment steps.</param>
/// <param name="config">The resolved settings, for <c>config.yaml</c>.</param>
public sealed partial class RunRecord(
    Logdir logdir, CheckpointStore checkpoints, TrainingProgress progress, RunPlan plan, int actionRepeat, string config,
    ILogger<RunRecord> logger)
    : ILearnerRecord
{
    private const string ProgressKey = "learner";
    private const string LossPrefix = "train/loss/";
    private const double FramesPerSecond = 10;
    private static readonly string[] Headlines = ["rew", "con", "kl", "dyn", "rep", "cpc", "policy", "value", "repval"];
    private (long Updates, long Steps, double Seconds) _last;

    /// <inheritdoc/>
    public LearnerProgress? Resume(IAgent agent)
    {
        using var checkpoint = checkpoints.OpenNewest(skipped => Log.Skipped(logger, skipped));
        if (checkpoint is not null)
        {
            agent.Load(checkpoint);
        }

        // Not before: settings that do not fit the checkpoint must not replace those that do.
        logdir.WriteConfig(config);
        if (checkpoint is null)
        {
            return null;
        }

        var resumed = checkpoint.Value<LearnerProgress>(ProgressKey);
        _last = (agent.Updates, resumed.InsertedSteps, resumed.TrainedSeconds);
        Log.Resumed(logger, checkpoint.Directory, agent.Updates, resumed.InsertedSteps * actionRepeat);
        progress.Note($"resumed from {Path.GetFileName(checkpoint.Directory)}");
        return resumed;
    }

    /// <inheritdoc/>
    public void Save(IAgent agent, LearnerProgress state)
    {
        var name = checkpoints.Save(agent.Updates, writer =>
        {
            agent.Save(writer);
            writer.Value(ProgressKey, state);
        });
        progress.Note($"saved {name}");
        Log.Saved(logger, name);
    }

    /// <inheritdoc/>
    public void Update(
        long updates, LearnerProgress state, ImmutableArray<FinishedEpisode> episodes, IReadOnlyDictionary<string, double>? metrics)
    {
        foreach (var episode in episodes)
        {
            logdir.WriteEpisode(episode.InsertedSteps * actionRepeat, episode.Return, episode.Length, episode.Facts ?? []);
            progress.AddEpisode(episode.Return, episode.Length);
        }

        if (episodes.Length > 0)
        {
            var recent = progress.Snapshot();
            LearnerMetrics.Episodes.Add(episodes.Length, LearnerMetrics.Training);
            LearnerMetrics.EpisodeScore.Record(recent.Score ?? 0, LearnerMetrics.Training);
            LearnerMetrics.EpisodeLength.Record(recent.EpisodeLength ?? 0, LearnerMetrics.Training);
        }

        double? ratio = state.InsertedSteps > state.CountedFrom
            ? (double)updates * plan.BatchSteps / (state.InsertedSteps - state.CountedFrom)
            : null;
        progress.Count(state.InsertedSteps * actionRepeat, updates, ratio);
        if (metrics is null)
        {
            return;
        }

        var line = metrics.ToList();
        foreach (var (name, value) in metrics.Where(metric => metric.Key.StartsWith(LossPrefix, StringComparison.Ordinal)))
        {
            LearnerMetrics.Loss.Record(value, KeyValuePair.Create<string, object?>("loss", name[LossPrefix.Length..]));
        }

        var seconds = state.TrainedSeconds - _last.Seconds;
        if (seconds > 0)
        {
            line.Add(new("fps/train", (updates - _last.Updates) * plan.BatchSteps / seconds));
            line.Add(new("fps/policy", (state.InsertedSteps - _last.Steps) * actionRepeat / seconds));
            line.Add(new("fps/updates", (updates - _last.Updates) / seconds));
        }

        line.Add(new("train/updates", updates));
        line.Add(new("train/seconds", state.TrainedSeconds));
        line.Add(new("replay/items", state.Items));
        line.Add(new("replay/ratio", ratio ?? double.NaN));
        logdir.WriteMetrics(state.InsertedSteps * actionRepeat, line);
        progress.SetLosses(Headlines.Where(name => metrics.ContainsKey(LossPrefix + name))
            .Select(name => KeyValuePair.Create(name, metrics[LossPrefix + name])));
        _last = (updates, state.InsertedSteps, state.TrainedSeconds);
    }

    /// <inheritdoc/>
    public void Evaluated(ImmutableArray<EvaluatedEpisode> episodes)
    {
        foreach (var episode in episodes)
        {
            logdir.WriteEvaluation(episode.PolicySteps * actionRepeat, episode.Return, episode.Length, episode.PolicyVersion, episode.Facts ?? []);
        }

        if (episodes.Length > 0)
        {
            LearnerMetrics.Episodes.Add(episodes.Length, LearnerMetrics.Evaluation);
            LearnerMetrics.EpisodeScore.Record(episodes.Average(episode => episode.Return), LearnerMetrics.Evaluation);
            LearnerMetrics.EpisodeLength.Record(episodes.Average(episode => episode.Length), LearnerMetrics.Evaluation);
        }
    }

    /// <inheritdoc/>
    public void Report(LearnerProgress state, IReadOnlyList<ReportImage> images)
    {
        foreach (var image in images)
        {
            var frames = Raster.Film(image.Pixels, image.Frames, image.Height, image.Width, image.Channels);
            logdir.WritePicture(state.InsertedSteps * actionRepeat, image.Name, frames, FramesPerSecond);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(11, LogLevel.Information, "resumed from {Checkpoint}: {Updates} updates, {Steps} environment steps")]
        public static partial void Resumed(ILogger logger, string checkpoint, long updates, long steps);

        [LoggerMessage(13, LogLevel.Warning, "a checkpoint cannot be used, trying the one before: {Reason}")]
        public static partial void Skipped(ILogger logger, string reason);

        [LoggerMessage(12, LogLevel.Debug, "saved {Checkpoint}")]
        public static partial void Saved(ILogger logger, string checkpoint);
    }
}
