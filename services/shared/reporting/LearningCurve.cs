using System.Globalization;
using System.Text.Json;

namespace Dreamer.Reporting;

/// <summary>Scores of finished episodes over environment steps, from the <c>scores.jsonl</c> of runs that differ by their seed alone.</summary>
/// <param name="Steps">[P] environment steps at the end of each of P equal stretches.</param>
/// <param name="Mean">[P] mean over the runs of their mean score in the stretch.</param>
/// <param name="Lowest">[P] of the runs.</param>
/// <param name="Highest">[P] of the runs.</param>
/// <param name="Runs">How many runs there are; a run that ended early counts as long as it lasted.</param>
public sealed record LearningCurve(double[] Steps, double[] Mean, double[] Lowest, double[] Highest, int Runs)
{
    /// <summary>Reads one file; the line that a living run is writing is left out.</summary>
    /// <exception cref="FormatException">A line is not one that a run writes; names file and line.</exception>
    public static IReadOnlyList<(long Step, double Score)> ReadScores(string path)
    {
        var scores = new List<(long, double)>();
        var text = File.ReadAllText(path);
        var lines = text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < lines.Length; i++)
        {
            try
            {
                using var line = JsonDocument.Parse(lines[i]);
                scores.Add((line.RootElement.GetProperty("step").GetInt64(), line.RootElement.GetProperty("episode/score").GetDouble()));
            }
            catch (Exception malformed) when (malformed is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
            {
                throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"{path}, line {i + 1}: not a score ({malformed.Message})"), malformed);
            }
        }

        return scores;
    }

    /// <summary>Averages runs over <paramref name="points"/> stretches from 0 to the longest run's last step. A stretch without an episode repeats the one before.</summary>
    public static LearningCurve Of(IReadOnlyList<IReadOnlyList<(long Step, double Score)>> runs, int points)
    {
        var last = Math.Max(1, runs.Max(run => run.Count > 0 ? run[^1].Step : 0));
        var curves = runs.Where(run => run.Count > 0).Select(run => Stretches(run, last, points)).ToList();
        var (steps, mean, low, high) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var point = 0; point < points; point++)
        {
            var values = curves.Select(curve => curve[point]).Where(double.IsFinite).ToList();
            if (values.Count > 0)
            {
                steps.Add((double)last * (point + 1) / points);
                mean.Add(values.Average());
                low.Add(values.Min());
                high.Add(values.Max());
            }
        }

        return new LearningCurve([.. steps], [.. mean], [.. low], [.. high], runs.Count);
    }

    // [points], not a number before the first episode and after the last.
    private static double[] Stretches(IReadOnlyList<(long Step, double Score)> run, long last, int points)
    {
        var (sums, counts) = (new double[points], new int[points]);
        foreach (var (step, score) in run)
        {
            var point = (int)Math.Clamp((step - 1) * points / last, 0, points - 1);
            sums[point] += score;
            counts[point]++;
        }

        var curve = new double[points];
        var end = (int)Math.Clamp((run[^1].Step - 1) * points / last, 0, points - 1);
        for (var point = 0; point < points; point++)
        {
            curve[point] = point > end ? double.NaN : counts[point] > 0 ? sums[point] / counts[point] : point > 0 ? curve[point - 1] : double.NaN;
        }

        return curve;
    }
}
