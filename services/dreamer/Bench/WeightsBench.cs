using System.Runtime.CompilerServices;
using Dreamer.Policies;

namespace Dreamer.Bench;

/// <summary>
/// 24 MB of weights from a learner's publication to the last of 1, 8 or 64 subscribers, over gRPC through the replay service.
/// The limit: the same bytes over plain sockets through a relay that does nothing.
/// </summary>
internal static class WeightsBench
{
    private const int Bytes = 24_000_000;

    public static async IAsyncEnumerable<BenchResult> RunAsync(BenchOptions options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var subscribers in new[] { 1, 8, 64 })
        {
            // 64 hold 3 GB: only for who asks for them.
            var name = $"weights_{subscribers}";
            if (!options.Wants(name) || (subscribers == 64 && options.Only.Length == 0))
            {
                continue;
            }

            var seconds = Timing.Median(await MeasureAsync(subscribers, options.Each, cancellation));
            var limit = Timing.Median(await Loopback.RelayAsync(Bytes, subscribers, options.Each / 3, cancellation));
            yield return BenchResult.Cost($"{name}_arrival", seconds, "s", limit);
            yield return BenchResult.Rate($"{name}_delivered", subscribers * Bytes / seconds / 1e6, "MB/s", subscribers * Bytes / limit / 1e6);
        }
    }

    private static async Task<List<double>> MeasureAsync(int subscribers, TimeSpan each, CancellationToken cancellation)
    {
        await using var service = await BenchService.StartAsync(cancellation);
        await using var learner = service.Weights();
        var actors = Enumerable.Range(0, subscribers).Select(_ => service.Weights()).ToArray();
        try
        {
            var weights = new byte[Bytes];
            new Random(0).NextBytes(weights);
            var version = 0L;
            var held = new PolicyBlob?[subscribers];
            async Task Publish()
            {
                // Hashing is part of publishing: the learner does it for every version.
                var arrivals = actors.Select(actor => actor.NextAsync(version - 1, cancellation).AsTask()).ToArray();
                await learner.PublishAsync(PolicyBlob.Create(version, "{}"u8.ToArray(), weights), cancellation);
                // As an actor does that has swapped to them.
                foreach (var (actor, blob) in (await Task.WhenAll(arrivals)).Index())
                {
                    held[actor]?.Release();
                    held[actor] = blob;
                }

                version++;
            }

            await Publish();
            await Publish();
            return await Timing.SecondsAsync(each, Publish, cancellation);
        }
        finally
        {
            foreach (var actor in actors)
            {
                await actor.DisposeAsync();
            }
        }
    }
}
