using System.Globalization;
using Dreamer.Reporting;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.Learner.Web;

/// <summary>The figures of a run as JSON; names in snake case. What is unknown or not finite is null.</summary>
internal static class PageJson
{
    private const string LossPrefix = "train/loss/";

    public static object Run(int id, ShownRun run) => new
    {
        Id = id,
        run.Name,
        run.Facts.Task,
        run.Facts.Agent,
        run.Facts.Seed,
        run.Facts.Steps,
        Live = run.Live is not null,
    };

    /// <param name="status">Of the replay; null without one.</param>
    /// <param name="problem">Why there is no status, else null.</param>
    public static object Now(ShownRun run, V1.StatusReply? status, string? problem) => run.Read(metrics => new
    {
        Time = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(),
        Written = run.Written?.ToUnixTimeMilliseconds(),
        State = State(run, metrics, problem),
        Figures = Figures(run, metrics),
        Losses = metrics.Series.Where(series => series.Key.StartsWith(LossPrefix, StringComparison.Ordinal))
            .ToDictionary(series => series.Key[LossPrefix.Length..], series => Finite(series.Value.Latest)),
        Replay = status is null ? null : Replay(status),
        ReplayProblem = problem,
        Actors = status?.Actors.Select(actor => new
        {
            Name = actor.Actor,
            actor.Streams,
            actor.Steps,
            actor.PolicyVersion,
            BehindVersions = Math.Max(0, status.WeightsVersion - actor.PolicyVersion),
            actor.SecondsSinceChunk,
            AckP50Seconds = Known(actor.AckP50Seconds),
            AckP95Seconds = Known(actor.AckP95Seconds),
        }),
        Hops = run.Live?.Hops.Recent(),
    });

    /// <param name="since">A version that is known already: without news there are no series.</param>
    /// <param name="headline">Leave out what the page shows on demand only.</param>
    public static object Curves(ShownRun run, long since, bool headline) => run.Read(metrics => new
    {
        metrics.Version,
        Keys = metrics.Series.Keys.ToArray(),
        Series = metrics.Version == since ? null : metrics.Series.Where(series => !headline || IsHeadline(series.Key)).ToDictionary(
            series => series.Key,
            series => new { Steps = series.Value.Steps.Select(step => Math.Round(step)).ToArray(), Values = series.Value.Values.Select(Rounded).ToArray() }),
    });

    public static object Pictures(ShownRun run) => run.Pictures().GroupBy(picture => (picture.Name, picture.Film)).Select(group => new
    {
        group.Key.Name,
        group.Key.Film,
        Files = group.Select(picture => new { picture.File, picture.Step }).ToArray(),
    }).ToArray();

    private static object Figures(ShownRun run, MetricsReader metrics)
    {
        var live = run.Live?.Progress.Snapshot();
        var begun = live is { Updates: > 0 } or { EnvSteps: > 0 };
        return new
        {
            Score = Finite(metrics.Score),
            EpisodeLength = Finite(metrics.EpisodeLength),
            metrics.Episodes,
            EnvSteps = begun ? live!.EnvSteps : metrics.LastStep,
            TotalSteps = run.Facts.Steps,
            Updates = begun ? live!.Updates : (long)(metrics.Latest("train/updates") ?? 0),
            run.Live?.TotalUpdates,
            run.Live?.Parameters,
            StepsPerSecond = Finite(begun ? live!.StepsPerSecond : metrics.Latest("fps/policy")),
            UpdatesPerSecond = Finite(begun ? live!.UpdatesPerSecond : metrics.Latest("fps/updates")),
            TrainRatio = Finite(begun ? live!.TrainRatio : metrics.Latest("replay/ratio")),
            TargetTrainRatio = run.Facts.TrainRatio,
            EtaSeconds = live?.Remaining?.TotalSeconds,
            TrainedSeconds = Finite(metrics.Latest("train/seconds")),
            // Paths of this machine are nobody's business.
            Note = live?.Note.Replace(run.Logdir + Path.DirectorySeparatorChar, "", StringComparison.Ordinal) ?? "",
        };
    }

    private static string State(ShownRun run, MetricsReader metrics, string? problem)
    {
        if (run.Live is not { } live)
        {
            return run.Facts.Steps > 0 && metrics.LastStep >= run.Facts.Steps ? "finished" : "recorded";
        }

        var updates = live.Progress.Snapshot().Updates;
        return updates >= live.TotalUpdates ? "finished" : problem is not null ? "waiting" : updates == 0 && metrics.Latest("train/updates") is null ? "collecting" : "training";
    }

    private static object Replay(V1.StatusReply status) => new
    {
        status.Items,
        status.Chunks,
        status.Steps,
        status.Bytes,
        status.Streams,
        status.InsertedSteps,
        status.ReplayedSteps,
        Credit = Finite(status.Credit),
        TargetRatio = Finite(status.TargetRatio),
        RealisedRatio = Finite(status.RealisedRatio),
        status.WaitingInserts,
        status.WaitingSamples,
        status.InsertWaitSeconds,
        status.SampleWaitSeconds,
        status.OutstandingPlans,
        status.CommittedChunks,
        status.EvictedChunks,
        status.Duplicates,
        status.Gaps,
        status.Refused,
        status.LostChunks,
        status.Stalls,
        status.NotDurable,
        status.StoreFull,
        DroppedCredit = Finite(status.DroppedCredit),
        status.WeightsVersion,
    };

    private static bool IsHeadline(string key) =>
        key.StartsWith(LossPrefix, StringComparison.Ordinal) || key.StartsWith("eval/", StringComparison.Ordinal) || key.StartsWith("fps/", StringComparison.Ordinal)
        || key is "episode/score" or "episode/length" or "replay/ratio";

    private static double? Known(double seconds) => seconds > 0 ? seconds : null;

    private static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;

    // Six digits are more than a screen shows, and half the bytes.
    private static double Rounded(double value) =>
        value == 0 || !double.IsFinite(value) ? 0 : Math.Abs(value) >= 1e6 ? Math.Round(value) : double.Parse(value.ToString("g6", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
