namespace Dreamer.Environments.Numpy;

/// <summary>How both generators choose by probability: <c>cumsum(p).searchsorted(u, side="right")</c>.</summary>
internal static class Odds
{
    private const double Tolerance = 1e-8;

    /// <param name="probabilities">Not negative, sum 1.</param>
    /// <param name="uniform">In [0, 1).</param>
    /// <exception cref="ArgumentException">They are no probabilities.</exception>
    public static int Choose(ReadOnlySpan<double> probabilities, double uniform)
    {
        var total = 0.0;
        foreach (var probability in probabilities)
        {
            total = probability >= 0 ? total + probability : double.NaN;
        }

        if (!(Math.Abs(total - 1) <= Tolerance))
        {
            throw new ArgumentException("probabilities must not be negative and their sum must be 1.", nameof(probabilities));
        }

        var sum = 0.0;
        var index = 0;
        for (; index < probabilities.Length - 1; index++)
        {
            sum += probabilities[index];
            if (uniform < sum / total)
            {
                break;
            }
        }

        return index;
    }
}
