namespace Dreamer.Policies;

/// <summary>One measured case of <see cref="PolicyBenchmark"/>.</summary>
/// <param name="Name">e.g. <c>actor_size12m_proprio_batch8</c>.</param>
/// <param name="StepsPerSecond">Policy steps (observation in, action out) per second on one core, from the fastest tenth of the calls.</param>
/// <param name="LimitPerSecond">Policy steps per second that memory bandwidth and arithmetic would allow, measured in the same run.</param>
/// <param name="Milliseconds">Of one call for the whole batch.</param>
/// <param name="WeightBytes">Weights read per call.</param>
/// <param name="BytesPerSecond">Bandwidth of a plain sum over an array of that size.</param>
/// <param name="MultiplyAddsPerSecond">Peak rate of multiply-add from registers.</param>
public sealed record PolicyBenchmarkResult(
    string Name, double StepsPerSecond, double LimitPerSecond, double Milliseconds, long WeightBytes, double BytesPerSecond, double MultiplyAddsPerSecond)
{
    /// <summary>Share of the limit that was reached.</summary>
    public double Ratio => StepsPerSecond / LimitPerSecond;
}
