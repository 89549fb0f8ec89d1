using System.Diagnostics;
using System.Runtime.CompilerServices;
using Dreamer.Contracts;
using Dreamer.Experience;
using Dreamer.Redis;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.Bench;

/// <summary>
/// The service beside what it has set itself: steps through 1 to 64 actors, the train ratio over 100,000 steps, the age of
/// weights at 32 subscribers, one Redis against three. The replay service is a process of its own; actors, subscribers and
/// learner are light ones in this process.
/// </summary>
internal static class ScaleBench
{
    private const int RatioSteps = 100_000;
    private const double TrainRatio = 32;
    private const double RatioTargetPercent = 1;

    public static async IAsyncEnumerable<BenchResult> RunAsync(BenchOptions options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var actors in new[] { 1, 4, 16, 64 })
        {
            var name = $"scale_actors_{actors}_in";
            if (options.Wants(name))
            {
                yield return await StepsInAsync(name, actors, options.Each, cancellation);
            }
        }

        if (options.Wants("scale_ratio_error"))
        {
            yield return BenchResult.Cost("scale_ratio_error", await RatioErrorAsync(cancellation), "%", RatioTargetPercent);
        }

        if (options.Wants("scale_weights_32"))
        {
            await foreach (var result in WeightsAge.MeasureAsync("scale_weights_32", 32, options.Each, cancellation))
            {
                yield return result;
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
        await plans.AttachAsync(new LearnerHello(schema, BatchSize: 16, Length: 65, Context: 1, ratio, Seed: 0).ToMessage(), cancellationToken: cancellation);
        return plans;
    }

    /// <summary>Images of as many actors as asked for, into a store in memory that is full. The limit: as many plain connections.</summary>
    private static async Task<BenchResult> StepsInAsync(string name, int actors, TimeSpan each, CancellationToken cancellation)
    {
        await using var service = await ServiceProcess.StartAsync(["--replay.store", "memory", "--replay.capacity_bytes", "64MiB"], cancellation);

        // So little to be replayed that the learner's side never holds them back.
        var plans = await AttachAsync(service, StepStream.ImageSchema, 1e-9, cancellation);
        await using var group = new LightActors(service, actors, () => StepStream.Images(1));
        async Task<long> InsertedAsync() => (await plans.StatusAsync(new V1.StatusRequest(), cancellationToken: cancellation)).InsertedSteps;
        await Task.WhenAny(Task.Delay(each / 2, cancellation), group.FailureAsync());
        var before = await InsertedAsync();
        var started = Stopwatch.GetTimestamp();
        await await Task.WhenAny(Task.Delay(each, cancellation), group.FailureAsync());
        var steps = (await InsertedAsync() - before) / Stopwatch.GetElapsedTime(started).TotalSeconds;
        var limit = await Loopback.StreamAsync(actors, each / 3, cancellation);
        return BenchResult.Rate(name, steps, "steps/s", limit / StepStream.ImageSchema.StepBytes);
    }

    /// <summary>How far the replayed steps are from the train ratio, in percent, when 16 actors have inserted 100,000 steps.</summary>
    private static async Task<double> RatioErrorAsync(CancellationToken cancellation)
    {
        await using var service = await ServiceProcess.StartAsync(["--replay.store", "memory"], cancellation);
        var plans = await AttachAsync(service, StepStream.VectorSchema, TrainRatio, cancellation);
        await using var group = new LightActors(service, 16, () => StepStream.Vectors(1));
        var request = new V1.SampleRequest();
        for (var inserted = 0L; inserted < RatioSteps;)
        {
            var plan = await plans.SampleAsync(request, cancellationToken: cancellation);
            request = new V1.SampleRequest { Release = { plan.Id } };
            inserted = plan.InsertedSteps;
        }

        // Exactly on it there would be no ratio to print.
        var status = await plans.StatusAsync(new V1.StatusRequest(), cancellationToken: cancellation);
        return Math.Max(1e-6, 100 * Math.Abs((status.RealisedRatio / status.TargetRatio) - 1));
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
                new RedisStoreOptions { Endpoint = string.Join(',', servers.Select(server => server.Endpoint)) }, TimeProvider.System, cancellation);
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
