using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Dreamer.Policies;

namespace Dreamer.Bench;

/// <summary>
/// How old the weights are that subscribers hold, looked at all the time while versions of 24 MB are published in a steady
/// beat: since the publication of a version began. The target: the period and one second.
/// </summary>
internal static class WeightsAge
{
    private const int Bytes = 24_000_000;
    private const int Versions = 4;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Allowance = TimeSpan.FromSeconds(1);

    public static async IAsyncEnumerable<BenchResult> MeasureAsync(
        string name, int subscribers, TimeSpan each, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var period = each * 2 / 3;
        var (ages, arrivals) = await WatchAsync(subscribers, period, cancellation);
        var limit = Timing.Median(await Loopback.RelayAsync(Bytes, subscribers, each / 3, cancellation));
        yield return BenchResult.Cost($"{name}_age_p95", ages[(int)(ages.Count * 0.95)], "s", (period + Allowance).TotalSeconds);
        yield return BenchResult.Cost($"{name}_arrival", Timing.Median(arrivals), "s", limit);
    }

    private static async Task<(List<double> Ages, List<double> Arrivals)> WatchAsync(int subscribers, TimeSpan period, CancellationToken cancellation)
    {
        await using var service = await ServiceProcess.StartAsync(["--replay.store", "memory"], cancellation);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var published = new ConcurrentDictionary<long, long>();
        var held = new long[subscribers];
        Array.Fill(held, -1);
        var arrived = new ConcurrentDictionary<long, (int Count, long Last)>();
        await using var learner = service.Weights();
        var listening = Enumerable.Range(0, subscribers).Select(subscriber => Task.Run(() => ListenAsync(subscriber), CancellationToken.None)).ToArray();

        var weights = new byte[Bytes];
        new Random(0).NextBytes(weights);
        await PublishAsync(0);
        while (held.Any(version => Volatile.Read(ref version) < 0) && !listening.Any(task => task.IsCompleted))
        {
            await Task.Delay(LookEvery, cancellation);
        }

        var publishing = Task.Run(
            async () =>
            {
                using var beat = new PeriodicTimer(period);
                for (var version = 1L; version <= Versions && await beat.WaitForNextTickAsync(cancellation); version++)
                {
                    await PublishAsync(version);
                }

                await beat.WaitForNextTickAsync(cancellation);
            },
            cancellation);
        var ages = new List<double>();
        while (!publishing.IsCompleted)
        {
            ages.AddRange(held.Select(version => Stopwatch.GetElapsedTime(published[version]).TotalSeconds));
            await Task.Delay(LookEvery, cancellation);
        }

        await publishing;
        await over.CancelAsync();
        await Task.WhenAll(listening);
        ages.Sort();
        var arrivals = arrived.Where(version => version.Value.Count == subscribers)
            .Select(version => Stopwatch.GetElapsedTime(published[version.Key], version.Value.Last).TotalSeconds).Order().ToList();
        return (ages, arrivals);

        async Task PublishAsync(long version)
        {
            published[version] = Stopwatch.GetTimestamp();
            await learner.PublishAsync(PolicyBlob.Create(version, "{}"u8.ToArray(), weights), cancellation);
        }

        async Task ListenAsync(int subscriber)
        {
            await using var feed = service.Weights();
            try
            {
                // As an actor does that has swapped to them.
                PolicyBlob? newest = null;
                while (true)
                {
                    var blob = await feed.NextAsync(newest?.Version ?? -1, over.Token);
                    var (now, version) = (Stopwatch.GetTimestamp(), blob.Version);
                    newest?.Release();
                    newest = blob;
                    arrived.AddOrUpdate(version, (1, now), (_, seen) => (seen.Count + 1, now));
                    Volatile.Write(ref held[subscriber], version);
                }
            }
            catch (OperationCanceledException) when (over.IsCancellationRequested)
            {
            }
        }
    }
}
