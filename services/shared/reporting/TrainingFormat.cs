using System.Globalization;

namespace Dreamer.Reporting;

/// <summary>The text of the live view.</summary>
public static class TrainingFormat
{
    /// <summary>Label and value per row of the table.</summary>
    public static IReadOnlyList<(string Label, string Value)> Rows(TrainingSnapshot snapshot)
    {
        var rows = new List<(string, string)>
        {
            ("step", $"{Count(snapshot.EnvSteps)} of {Count(snapshot.TotalSteps)} ({Percent(snapshot)})"),
            ("score", $"{Number(snapshot.Score)} (mean of the last 20 of {Count(snapshot.Episodes)} episodes)"),
            ("episode length", Number(snapshot.EpisodeLength)),
            ("FPS", Number(snapshot.StepsPerSecond)),
            ("updates/s", $"{Number(snapshot.UpdatesPerSecond)} ({Count(snapshot.Updates)} so far)"),
            ("train ratio", $"{Number(snapshot.TrainRatio)} of {Number(snapshot.TargetTrainRatio)}"),
            ("ETA", Duration(snapshot.Remaining)),
        };
        rows.AddRange(snapshot.Losses.Select(loss => (loss.Key, Number(loss.Value))));
        if (snapshot.Note.Length > 0)
        {
            rows.Add(("note", snapshot.Note));
        }

        return rows;
    }

    /// <summary>Everything in one line, for logs.</summary>
    public static string Line(TrainingSnapshot snapshot)
    {
        var losses = string.Join(' ', snapshot.Losses.Select(loss => $"{loss.Key} {Number(loss.Value)}"));
        return $"step {Count(snapshot.EnvSteps)}/{Count(snapshot.TotalSteps)} | score {Number(snapshot.Score)} | length {Number(snapshot.EpisodeLength)}"
            + $" | FPS {Number(snapshot.StepsPerSecond)} | updates/s {Number(snapshot.UpdatesPerSecond)}"
            + $" | train ratio {Number(snapshot.TrainRatio)}/{Number(snapshot.TargetTrainRatio)}"
            + (losses.Length > 0 ? $" | {losses}" : "")
            + $" | ETA {Duration(snapshot.Remaining)}"
            + (snapshot.Note.Length > 0 ? $" | {snapshot.Note}" : "");
    }

    /// <summary>About three significant digits; <c>-</c> while unknown.</summary>
    public static string Number(double? value) => value switch
    {
        null => "-",
        { } number when !double.IsFinite(number) => number.ToString(CultureInfo.InvariantCulture),
        { } number => number.ToString(
            Math.Abs(number) switch
            {
                0 => "0",
                >= 1e6 or < 1e-3 => "0.##e+0",
                >= 100 => "0",
                >= 10 => "0.#",
                >= 1 => "0.##",
                _ => "0.####",
            },
            CultureInfo.InvariantCulture),
    };

    /// <summary><c>950</c>, <c>12.3k</c>, <c>1.2M</c>; rounded down, so that the end is never shown before it is reached.</summary>
    public static string Count(long value) => value switch
    {
        >= 1_000_000 => (value / 10_000 / 100.0).ToString("0.##", CultureInfo.InvariantCulture) + "M",
        >= 10_000 => (value / 100 / 10.0).ToString("0.#", CultureInfo.InvariantCulture) + "k",
        _ => value.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary><c>2d 3h</c>, <c>1h 05m</c>, <c>4m 10s</c>, <c>9s</c>; <c>-</c> while unknown.</summary>
    public static string Duration(TimeSpan? time) => time switch
    {
        null => "-",
        { TotalDays: >= 1 } span => $"{(int)span.TotalDays}d {span.Hours}h",
        { TotalHours: >= 1 } span => $"{span.Hours}h {span.Minutes:00}m",
        { TotalMinutes: >= 1 } span => $"{span.Minutes}m {span.Seconds:00}s",
        { } span => $"{span.Seconds}s",
    };

    private static string Percent(TrainingSnapshot snapshot) =>
        $"{(snapshot.TotalSteps > 0 ? Math.Min(100, 100 * snapshot.EnvSteps / snapshot.TotalSteps) : 0)}%";
}
