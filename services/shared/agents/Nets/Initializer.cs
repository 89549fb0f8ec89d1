namespace Dreamer.Agents.Nets;

/// <summary>How a parameter starts: a constant, a truncated normal, a uniform number, or orthonormal columns.</summary>
/// <param name="Constant">Value of every element when nothing else is asked for.</param>
/// <param name="Std">Standard deviation of a truncated normal; 0 for none.</param>
/// <param name="Limit">Uniform between -limit and limit; 0 for none.</param>
/// <param name="Orthogonal">A matrix [rows, columns] with rows >= columns whose columns are orthonormal.</param>
public readonly record struct Initializer(double Constant, double Std, double Limit = 0, bool Orthogonal = false)
{
    // A normal cut off at two standard deviations has a smaller one; this factor restores it (spec 5.1).
    private const double TruncationCorrection = 1.136847234;

    /// <summary>Zeros: biases.</summary>
    public static Initializer Zeros => new(0, 0);

    /// <summary>Ones: norm scales.</summary>
    public static Initializer Ones => new(1, 0);

    /// <summary>What Keras begins dense layers and convolutions with: uniform, by fan-in and fan-out (spec 10).</summary>
    public static Initializer Glorot(int fanIn, int fanOut) => new(0, 0, Math.Sqrt(6.0 / (fanIn + fanOut)));

    /// <summary>What Keras begins recurrent kernels with.</summary>
    public static Initializer Orthonormal => new(0, 0, Orthogonal: true);

    /// <summary>Truncated normal scaled by the fan-in; <paramref name="scale"/> 0 gives zeros.</summary>
    public static Initializer FanIn(int fanIn, double scale) => new(0, TruncationCorrection * scale / Math.Sqrt(fanIn));
}
