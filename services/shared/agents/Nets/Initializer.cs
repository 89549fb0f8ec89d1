namespace Dreamer.Agents.Nets;

/// <summary>How a parameter starts: a constant, or a truncated normal of the given standard deviation.</summary>
/// <param name="Constant">Value of every element when <paramref name="Std"/> is 0.</param>
/// <param name="Std">Standard deviation; 0 means constant.</param>
public readonly record struct Initializer(double Constant, double Std)
{
    // A normal cut off at two standard deviations has a smaller one; this factor restores it (spec 5.1).
    private const double TruncationCorrection = 1.136847234;

    /// <summary>Zeros: biases.</summary>
    public static Initializer Zeros => new(0, 0);

    /// <summary>Ones: norm scales.</summary>
    public static Initializer Ones => new(1, 0);

    /// <summary>Truncated normal scaled by the fan-in; <paramref name="scale"/> 0 gives zeros.</summary>
    public static Initializer FanIn(int fanIn, double scale) => new(0, TruncationCorrection * scale / Math.Sqrt(fanIn));
}
