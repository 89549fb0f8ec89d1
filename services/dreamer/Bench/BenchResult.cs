namespace Dreamer.Bench;

/// <summary>One measured figure beside what the machine allows, measured in the same run.</summary>
/// <param name="Name">Bench, case and figure, e.g. <c>replay_redis_in</c>.</param>
/// <param name="Value">What was measured.</param>
/// <param name="Unit">Of value and limit.</param>
/// <param name="Limit">What the machine allows.</param>
/// <param name="Ratio">Share of the limit that was reached, 1 being all of it, whether high or low figures are good.</param>
internal readonly record struct BenchResult(string Name, double Value, string Unit, double Limit, double Ratio)
{
    /// <summary>A figure that should be high.</summary>
    public static BenchResult Rate(string name, double value, string unit, double limit) => new(name, value, unit, limit, value / limit);

    /// <summary>A figure that should be low: seconds, bytes.</summary>
    public static BenchResult Cost(string name, double value, string unit, double limit) => new(name, value, unit, limit, limit / value);
}
