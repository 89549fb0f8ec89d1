using System.Diagnostics;
using System.Runtime.CompilerServices;
using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Settings;
using Dreamer.Local;
using Dreamer.Policies;

namespace Dreamer.Bench;

/// <summary>
/// How old the weights are that subscribers hold, each a process of its own, while versions of 24 MB are published in the beat of
/// <c>learner.publish_seconds</c>: since the publication of a version began. The target: the period and one second.
/// </summary>
internal static class WeightsAge
{
    private const int Bytes = 24_000_000;
    private const int WarmVersions = 8;
    private const int Versions = 3;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Allowance = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static async IAsyncEnumerable<BenchResult> MeasureAsync(
        string name, int subscribers, TimeSpan each, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var defaults = ConfigurationLoader.Load(new ConfigurationRequest([]) { Environment = new Dictionary<string, string>(), WorkingDirectory = AppContext.BaseDirectory });
        var period = TimeSpan.FromSeconds(defaults.Bind<LearnerSettings>("learner").PublishSeconds);
        var (ages, arrivals) = await WatchAsync(subscribers, period, cancellation);
        var limit = Timing.Median(await Loopback.RelayAsync(Bytes, subscribers, each / 3, cancellation));
        yield return BenchResult.Cost($"{name}_age_p95", ages[(int)(ages.Count * 0.95)], "s", (period + Allowance).TotalSeconds);
        yield return BenchResult.Cost($"{name}_arrival", Timing.Median(arrivals), "s", limit);
    }

    private static async Task<(List<double> Ages, List<double> Arrivals)> WatchAsync(int subscribers, TimeSpan period, CancellationToken cancellation)
    {
        await using var service = await ServiceProcess.StartAsync(["--replay.store", "memory"], cancellation);
        await using var learner = service.Weights();
        var directory = Directory.CreateTempSubdirectory("dreamer-bench-").FullName;
        var notes = Enumerable.Range(0, subscribers).Select(number => Path.Combine(Directory.CreateDirectory(Path.Combine(directory, $"{number}")).FullName, "notes")).ToArray();
        var processes = new List<ManagedProcess>();
        try
        {
            processes.AddRange(notes.Select(file => ActorProcess.Start(Path.GetDirectoryName(file)!, WeightsSubscriber.Arguments(service.Address, file))));
            var failure = Task.WhenAny(processes.Select(process => process.WaitAsync(cancellation)));
            var published = new List<long>();
            var weights = new byte[Bytes];
            new Random(0).NextBytes(weights);
            async Task PublishAsync()
            {
                published.Add(Stopwatch.GetTimestamp());
                await learner.PublishAsync(PolicyBlob.Create(published.Count - 1, "{}"u8.ToArray(), weights), cancellation);
            }

            async Task ArrivedAsync()
            {
                while (notes.Any(file => WeightsSubscriber.Read(file).LastOrDefault((-1, 0)).Version < published.Count - 1))
                {
                    await await Task.WhenAny(Task.Delay(LookEvery, cancellation), failure);
                    if (failure.IsCompleted)
                    {
                        throw new InvalidOperationException("a subscriber ended before its time");
                    }
                }
            }

            // The first two go into new memory; the others are for the compiler, which is busy in every process while its code is new.
            while (published.Count < WarmVersions)
            {
                await PublishAsync();
                await ArrivedAsync();
            }

            var warm = published.Count;
            using var beat = new PeriodicTimer(period);
            while (published.Count < warm + Versions)
            {
                await PublishAsync();
                await beat.WaitForNextTickAsync(cancellation);
            }

            var end = Stopwatch.GetTimestamp();
            await ArrivedAsync();
            return Judge([.. notes.Select(WeightsSubscriber.Read)], published, warm, end);
        }
        finally
        {
            await Task.WhenAll(processes.Select(process => process.StopAsync(Patience)));
            processes.ForEach(process => process.Dispose());
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>Ages that would be seen by looking at every subscriber all the time, and seconds until the last one had a version; both sorted.</summary>
    private static (List<double> Ages, List<double> Arrivals) Judge(List<List<(long Version, long Arrived)>> seen, List<long> published, int warm, long end)
    {
        // Looked at from the second measured version on: the first one follows a pause.
        var ages = new List<double>();
        foreach (var arrivals in seen)
        {
            for (var look = published[warm + 1]; look < end; look += (long)(LookEvery.TotalSeconds * Stopwatch.Frequency))
            {
                ages.Add(Stopwatch.GetElapsedTime(published[(int)arrivals.Last(arrival => arrival.Arrived <= look).Version], look).TotalSeconds);
            }
        }

        ages.Sort();

        // Who skipped a version has it with the next.
        var last = Enumerable.Range(warm, published.Count - warm)
            .Select(version => Stopwatch.GetElapsedTime(published[version], seen.Max(arrivals => arrivals.First(arrival => arrival.Version >= version).Arrived)).TotalSeconds);
        return (ages, [.. last.Order()]);
    }
}
