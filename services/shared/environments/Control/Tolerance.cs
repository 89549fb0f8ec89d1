namespace Dreamer.Environments.Control;

/// <summary>The DeepMind Control suite's measure of how nearly a number lies within bounds, in [0, 1].</summary>
public static class Tolerance
{
    /// <summary>1 inside the bounds; outside it falls with the distance, and is <paramref name="atMargin"/> one margin away.</summary>
    /// <param name="value">What is measured.</param>
    /// <param name="low">Lower bound, included; may be infinite.</param>
    /// <param name="high">Upper bound, included; may be infinite.</param>
    /// <param name="margin">Distance over which it falls; 0 makes it 0 anywhere outside.</param>
    /// <param name="sigmoid">How it falls.</param>
    /// <param name="atMargin">In [0, 1) for cosine, linear and quadratic, in (0, 1) for the others.</param>
    /// <exception cref="ArgumentOutOfRangeException">The bounds are the wrong way round, or a parameter is out of range.</exception>
    public static double Of(
        double value, double low = 0, double high = 0, double margin = 0, Sigmoid sigmoid = Sigmoid.Gaussian, double atMargin = 0.1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(low, high);
        ArgumentOutOfRangeException.ThrowIfNegative(margin);
        if (low <= value && value <= high)
        {
            return 1;
        }

        return margin == 0 ? 0 : Fall((value < low ? low - value : value - high) / margin, sigmoid, atMargin);
    }

    /// <summary>The mean over several values with bounds [0, 0] and margin 1 of what falls quadratically to 0: small controls are near 1.</summary>
    public static double OfSmall(ReadOnlySpan<double> controls)
    {
        var sum = 0.0;
        foreach (var control in controls)
        {
            sum += Of(control, margin: 1, sigmoid: Sigmoid.Quadratic, atMargin: 0);
        }

        return sum / controls.Length;
    }

    private static double Fall(double distance, Sigmoid sigmoid, double atMargin)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(atMargin, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(atMargin);
        if (sigmoid is not (Sigmoid.Cosine or Sigmoid.Linear or Sigmoid.Quadratic))
        {
            ArgumentOutOfRangeException.ThrowIfZero(atMargin);
        }

        return sigmoid switch
        {
            Sigmoid.Gaussian => Math.Exp(-0.5 * Square(distance * Math.Sqrt(-2 * Math.Log(atMargin)))),
            Sigmoid.Hyperbolic => 1 / Math.Cosh(distance * Math.Acosh(1 / atMargin)),
            Sigmoid.LongTail => 1 / (Square(distance * Math.Sqrt((1 / atMargin) - 1)) + 1),
            Sigmoid.Reciprocal => 1 / ((Math.Abs(distance) * ((1 / atMargin) - 1)) + 1),
            Sigmoid.Cosine => WithinOne(distance * (Math.Acos((2 * atMargin) - 1) / Math.PI), x => (1 + Math.Cos(Math.PI * x)) / 2),
            Sigmoid.Linear => WithinOne(distance * (1 - atMargin), x => 1 - x),
            Sigmoid.Quadratic => WithinOne(distance * Math.Sqrt(1 - atMargin), x => 1 - (x * x)),
            Sigmoid.TanhSquared => 1 - Square(Math.Tanh(distance * Math.Atanh(Math.Sqrt(1 - atMargin)))),
            _ => throw new ArgumentOutOfRangeException(nameof(sigmoid), sigmoid, "no such sigmoid"),
        };
    }

    private static double WithinOne(double scaled, Func<double, double> shape) => Math.Abs(scaled) < 1 ? shape(scaled) : 0;

    private static double Square(double value) => value * value;
}
