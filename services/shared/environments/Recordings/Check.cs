namespace Dreamer.Environments.Recordings;

/// <summary>What a recording says of one quantity.</summary>
/// <param name="Quantity">What <see cref="IReplayable.Read"/> is asked for.</param>
/// <param name="Allowed">The largest error with which the quantity still counts as reproduced.</param>
/// <param name="Error">Of what the environment shows; 1 where only the sameness of something is known.</param>
public sealed record Check(string Quantity, double Allowed, Func<double[], double> Error)
{
    /// <summary>Numbers that may differ by <paramref name="tolerance"/>, times the largest of them where that is above 1.</summary>
    public static Check Numbers(string quantity, double[] expected, double tolerance) => new(
        quantity, tolerance * expected.Aggregate(1.0, (largest, value) => Math.Max(largest, Math.Abs(value))), actual => Distance(expected, actual));

    /// <summary>Something of which the recording keeps only a digest.</summary>
    public static Check Digest(string quantity, string expected, Func<double[], string> digest) =>
        new(quantity, 0, actual => digest(actual) == expected ? 0 : 1);

    private static double Distance(double[] expected, double[] actual)
    {
        if (expected.Length != actual.Length)
        {
            return double.PositiveInfinity;
        }

        var largest = 0.0;
        for (var index = 0; index < expected.Length; index++)
        {
            var error = expected[index] == actual[index] ? 0 : Math.Abs(expected[index] - actual[index]);
            largest = double.IsNaN(error) ? double.PositiveInfinity : Math.Max(largest, error);
        }

        return largest;
    }
}
