namespace Dreamer.Contracts.Clients;

/// <summary>The newest 64 durations of something. Not thread safe.</summary>
internal sealed class RecentTimes
{
    private readonly double[] newest = new double[64];
    private long count;

    public void Add(TimeSpan took) => newest[count++ % newest.Length] = took.TotalSeconds;

    /// <summary>Seconds that this share of them did not exceed; 0 before the first.</summary>
    public double Quantile(double share)
    {
        Span<double> sorted = stackalloc double[(int)Math.Min(count, newest.Length)];
        newest.AsSpan(0, sorted.Length).CopyTo(sorted);
        sorted.Sort();
        return sorted.IsEmpty ? 0 : sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
    }
}
