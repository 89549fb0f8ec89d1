using System.Diagnostics;

namespace Dreamer.Bench;

/// <summary>Repeats an action for a while.</summary>
internal static class Timing
{
    /// <summary>What a process does before it is measured. Until then the compiler takes as much of the processor as the work does.</summary>
    public static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(4);

    /// <summary>Seconds of one call.</summary>
    public static double Once(Action action)
    {
        var before = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(before).TotalSeconds;
    }

    /// <summary>Seconds of each call, sorted; at least three.</summary>
    public static List<double> Seconds(TimeSpan duration, Action action, CancellationToken cancellation)
    {
        var samples = new List<double>();
        for (var started = Stopwatch.GetTimestamp(); samples.Count < 3 || Stopwatch.GetElapsedTime(started) < duration;)
        {
            cancellation.ThrowIfCancellationRequested();
            samples.Add(Once(action));
        }

        samples.Sort();
        return samples;
    }

    /// <inheritdoc cref="Seconds"/>
    public static async Task<List<double>> SecondsAsync(TimeSpan duration, Func<Task> action, CancellationToken cancellation)
    {
        var samples = new List<double>();
        for (var started = Stopwatch.GetTimestamp(); samples.Count < 3 || Stopwatch.GetElapsedTime(started) < duration;)
        {
            cancellation.ThrowIfCancellationRequested();
            var before = Stopwatch.GetTimestamp();
            await action();
            samples.Add(Stopwatch.GetElapsedTime(before).TotalSeconds);
        }

        samples.Sort();
        return samples;
    }

    /// <summary>The middle of sorted samples.</summary>
    public static double Median(List<double> sorted) => sorted[sorted.Count / 2];

    /// <summary>The fastest tenth of sorted samples: what the machine can do when nothing else runs on it.</summary>
    public static double Fastest(List<double> sorted) => sorted[sorted.Count / 10];
}
