using System.Diagnostics;
using System.Runtime.CompilerServices;
using Dreamer.Contracts;
using Dreamer.Experience;
using Dreamer.Redis;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.Bench;

/// <summary>
/// The service beside what it has set itself: steps through 1 to 64 actors, the train ratio over 100,000 steps, the age of
/// weights at 4 and 32 subscribers, one Redis against three. The replay service and the subscribers are processes of their own; actors
/// and learner are light ones in this process.
/// </summary>
internal static class ScaleBench
{
    private const int BatchSteps = 16 * 64;
    private const int RatioSteps = 100_000;
    private const int RatioActors = 16;
    private const double TrainRatio = 32;

    // The service lets each actor have as many under way.
    private const int ChunksAhead = 2;
    private const double RatioTargetPercent = 1;

    public static async IAsyncEnumerable<BenchResult> RunAsync(BenchOptions options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var actors in new[] { 1, 4, 16, 64 })
        {
            // What lies between: only for who asks for it.
            var name = $"scale_actors_{actors}_in";
            if (options.Wants(name) && (actors is 1 or 64 || options.Only.Length > 0))
            {
                yield return await StepsInAsync(name, actors, options.Each, cancellation);
            }
        }

        if (options.Wants("scale_ratio"))
        {
            var (behind, error) = await RatioAsync(cancellation);
            yield return BenchResult.Cost("scale_ratio_behind", behind, "steps", ChunksAhead * RatioActors * StepStream.ChunkSteps);
            yield return BenchResult.Cost("scale_ratio_error", error, "%", RatioTargetPercent);
        }

        // 32 environments as 4 processes of 8, and as 32 processes.
        foreach (var subscribers in new[] { 4, 32 })
        {
            var name = $"scale_weights_{subscribers}";
            if (options.Wants(name) && (subscribers == 32 || options.Only.Length > 0))
            {
                await foreach (var result in WeightsAge.MeasureAsync(name, subscribers, options.Each, cancellation))
                {
                    yield return result;
                }
            }
        }

        foreach (var shards in new[] { 1, 3 })
        {
            var name = $"scale_shards_{shards}";
            if (options.Wants(name))
            {
                await foreach (var result in ShardsAsync(name, shards, options, cancellation))
                {
                    yield return result;
                }
            }
        }
    }

    /// <summary>Attaches as a learner with batches of 16 x 64.</summary>
    public static async Task<V1.Replay.ReplayClient> AttachAsync(ServiceProcess service, Schema schema, double ratio, CancellationToken cancellation)
    {
        var plans = service.Plans();
        await plans.AttachAsync(new LearnerHello(schema, BatchSize: 16, Length: (BatchSteps / 16) + 1, Context: 1, ratio, Seed: 0).ToMessage(), cancellationToken: cancellation);
        return plans;
    }

    /// <summary>Images of as many actors as asked for, into a store in memory that is full. The limit: as many plain connections.</summary>
    private static async Task<BenchResult> StepsInAsync(string name, int actors, TimeSpan each, CancellationToken cancellation)
    {
        await using var service = await ServiceProcess.StartAsync(["--replay.store", "memory", "--replay.capacity_bytes", "64MiB"], cancellation);

        // So little to be replayed that the learner's side never holds them back.
        var plans = await AttachAsync(service, StepStream.ImageSchema, 1e-9, cancellation);
        async Task<long> InsertedAsync() => (await plans.StatusAsync(new V1.StatusRequest(), cancellationToken: cancellation)).InsertedSteps;
        double steps;
        await using (var group = new LightActors(service, actors, () => StepStream.Images(1)))
        {
            await Task.WhenAny(Task.Delay(Timing.WarmUp, cancellation), group.FailureAsync());
            var (before, after) = (await InsertedAsync(), 0L);
            var started = Stopwatch.GetTimestamp();
            do
            {
                await await Task.WhenAny(Task.Delay(each, cancellation), group.FailureAsync());
                after = await InsertedAsync();
            }
            while (after == before);
            steps = (after - before) / Stopwatch.GetElapsedTime(started).TotalSeconds;
        }

        var limit = await Loopback.StreamAsync(actors, each / 3, cancellation);
        return BenchResult.Rate(name, steps, "steps/s", limit / StepStream.ImageSchema.StepBytes);
    }

    /// <summary>
    /// How many inserted steps the learner has not trained on when 16 actors have inserted 100,000 and go on, and how far the
    /// ratio is off, in percent, when they have left and the limiter holds the learner.
    /// </summary>
    private static async Task<(double Behind, double Error)> RatioAsync(CancellationToken cancellation)
    {
        await using var service = await ServiceProcess.StartAsync(["--replay.store", "memory"], cancellation);
        var plans = await AttachAsync(service, StepStream.VectorSchema, TrainRatio, cancellation);
        var request = new V1.SampleRequest();
        async Task<long> SampleAsync()
        {
            var plan = await plans.SampleAsync(request, cancellationToken: cancellation);
            request = new V1.SampleRequest { Release = { plan.Id } };
            return plan.InsertedSteps;
        }

        async Task<V1.StatusReply> StatusAsync() => await plans.StatusAsync(new V1.StatusRequest(), cancellationToken: cancellation);
        V1.StatusReply status;
        await using (new LightActors(service, RatioActors, () => StepStream.Vectors(1)))
        {
            while (await SampleAsync() < RatioSteps)
            {
            }

            status = await StatusAsync();
        }

        var behind = status.Credit / TrainRatio;
        while ((status = await StatusAsync()).Credit >= BatchSteps)
        {
            await SampleAsync();
        }

        // Exactly on it there would be no ratio to print.
        return (Math.Max(1, behind), Math.Max(1e-6, 100 * Math.Abs((status.RealisedRatio / status.TargetRatio) - 1)));
    }

    /// <summary>The replay's engine over as many servers without an append-only file. The limits: plain SET and GET on all of them at once.</summary>
    private static async IAsyncEnumerable<BenchResult> ShardsAsync(
        string name, int shards, BenchOptions options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var servers = await Task.WhenAll(Enumerable.Range(0, shards).Select(_ => BenchRedis.StartAsync(durable: false, cancellation)));
        try
        {
            var limits = await Task.WhenAll(servers.Select(server => ReplayBench.LimitsAsync(server, shards, options, cancellation)));
            var store = await RedisChunkStore.OpenAsync(
                new RedisStoreOptions { Endpoint = string.Join(',', servers.Select(server => server.Endpoint)), Timeout = BenchRedis.Patience }, TimeProvider.System, cancellation);
            await foreach (var result in ReplayBench.MeasureAsync(
                name, store, new ReplayLimits(limits.Sum(limit => limit.StepsIn), limits.Sum(limit => limit.BatchesOut)),
                async () => (await Task.WhenAll(servers.Select(server => RedisLimits.UsedMemoryAsync(server.Endpoint)))).Sum(), options, cancellation))
            {
                yield return result;
            }
        }
        finally
        {
            foreach (var server in servers)
            {
                await server.DisposeAsync();
            }
        }
    }
}
