using Dreamer.Reporting;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Dreamer.Operations;

/// <summary>A run's status as one screen.</summary>
internal static class StatusScreen
{
    /// <summary>The screen.</summary>
    public static IRenderable Render(RunStatus status)
    {
        var table = new Table().Border(TableBorder.Rounded).HideHeaders().AddColumn("").AddColumn("");
        foreach (var (label, value) in Rows(status))
        {
            table.AddRow(new Text(label), new Text(value));
        }

        if (status.Actors.Count + status.Evaluators.Count == 0)
        {
            return table;
        }

        var actors = new Table().Border(TableBorder.Rounded).AddColumns("actor", "streams", "steps", "steps/s", "weights", "last chunk or report", "ack, 95 %");
        foreach (var actor in status.Actors)
        {
            actors.AddRow(
                new Text(actor.Actor), new Text($"{actor.Streams}"), new Text(TrainingFormat.Count(actor.Steps)), new Text(TrainingFormat.Number(actor.StepsPerSecond)),
                new Text(actor.PolicyVersion < 0 ? "-" : $"{actor.PolicyVersion}"), new Text(Ago(actor.SilentSeconds)),
                new Text(actor is { AckP50Seconds: { } median, AckP95Seconds: { } most } ? $"{Milliseconds(median)}, {Milliseconds(most)} ms" : "-"));
        }

        foreach (var evaluator in status.Evaluators)
        {
            actors.AddRow(
                new Text(evaluator.Actor), new Text("eval"), new Text($"{evaluator.Episodes} episodes"), new Text($"score {TrainingFormat.Number(evaluator.Score)}"),
                new Text($"{evaluator.PolicyVersion}"), new Text(Ago(evaluator.SecondsSinceReport)), new Text("-"));
        }

        return new Rows(table, actors);
    }

    /// <summary>Label and value per line.</summary>
    public static IEnumerable<(string Label, string Value)> Rows(RunStatus status)
    {
        if (status.Run is { } run)
        {
            yield return ("run", $"{run} in {status.Logdir}");
        }

        yield return ("state", string.Join(", ", State(status)));
        if (status.Step is { } step)
        {
            yield return ("step", status.Steps is { } all
                ? $"{TrainingFormat.Count(step)} of {TrainingFormat.Count(all)} ({100 * Math.Min(step, all) / Math.Max(1, all)}%), ETA {TrainingFormat.Duration(status.EtaSeconds is { } eta ? TimeSpan.FromSeconds(Math.Min(eta, 1e9)) : null)}"
                : TrainingFormat.Count(step));
        }

        if (status.Score is not null || status.EvalScore is not null)
        {
            yield return ("score", $"{TrainingFormat.Number(status.Score)} (mean of the last 20), evaluated {TrainingFormat.Number(status.EvalScore)}");
        }

        if (status.Rates is { } rates)
        {
            yield return ("rates", $"{TrainingFormat.Number(rates.StepsIn)} steps/s in, {TrainingFormat.Number(rates.StepsReplayed)} replayed, {TrainingFormat.Number(rates.Updates)} updates/s");
        }

        if (status.Limiter is { } limiter)
        {
            yield return ("train ratio", $"{TrainingFormat.Number(limiter.TrainRatio)} of {TrainingFormat.Number(limiter.TrainRatioTarget)}, {TrainingFormat.Number(limiter.Credit)} steps owed, "
                + $"waiting: {limiter.ActorsWaiting} actors, {limiter.LearnerWaiting} draws" + Alarm(limiter.Stalls, "stalls"));
        }

        if (status.Weights is { } weights)
        {
            yield return ("weights", $"version {weights.Version} of step {TrainingFormat.Count(weights.Step)}, {Ago(weights.AgeSeconds)}; actors at most {weights.Behind} versions behind");
        }

        if (status.Store is { } store)
        {
            yield return ("store", $"{store.Kind}: {TrainingFormat.Count(store.Steps)} of {TrainingFormat.Count(store.CapacitySteps)} steps, {Bytes(store.Bytes)} of {Bytes(store.CapacityBytes)}, {store.Streams} streams"
                + (store.Full ? "; FULL: actors wait" : ""));
            yield return ("durable", $"all but {store.NotDurable} of {TrainingFormat.Count(store.Chunks)} chunks"
                + Alarm(store.Duplicates, "duplicates") + Alarm(store.Gaps, "gaps") + Alarm(store.Refused, "refused") + Alarm(store.Lost, "lost by the store"));
        }

        if (status.Learner is { } learner)
        {
            yield return ("learner", learner.Attached ? $"attached, last call {Ago(learner.SilentSeconds)}" : $"left {Ago(learner.SilentSeconds)} with a checkpoint of {learner.SavedUpdates} updates");
        }

        if (status.Checkpoint is { } checkpoint)
        {
            yield return ("checkpoint", $"{checkpoint.Updates} updates, {Ago(checkpoint.AgeSeconds)}");
        }
    }

    private static IEnumerable<string> State(RunStatus status)
    {
        yield return status.Replay is { } address ? $"service at {address}" : status.Running == true ? "running in one process" : "not running";
        if (status.Replay is not null)
        {
            yield return $"{status.Actors.Count} actors";
            yield return status.Learner switch
            {
                null => "no learner yet",
                { Attached: true } => "learner attached",
                _ => "learner left",
            };
        }

        if (status.Draining)
        {
            yield return "draining";
        }
    }

    private static string Alarm(long count, string what) => count > 0 ? $", {count} {what}" : "";

    private static string Ago(double seconds) => $"{TrainingFormat.Duration(TimeSpan.FromSeconds(Math.Clamp(seconds, 0, 1e9)))} ago";

    private static string Milliseconds(double seconds) => TrainingFormat.Number(1000 * seconds);

    private static string Bytes(long bytes) => bytes switch
    {
        >= 1L << 30 => $"{TrainingFormat.Number(bytes / (double)(1L << 30))} GiB",
        >= 1L << 20 => $"{TrainingFormat.Number(bytes / (double)(1L << 20))} MiB",
        _ => $"{TrainingFormat.Number(bytes / 1024.0)} KiB",
    };
}
