using System.Diagnostics;
using System.Runtime.CompilerServices;
using Dreamer.Experience;
using Dreamer.Redis;

namespace Dreamer.Bench;

/// <summary>
/// The replay's engine over each store: 64x64x3 steps in from 16 environments, batches of 16 x 65 out. The limits: copying
/// the same bytes in memory, and plain SET and GET of the same bytes by the same client.
/// </summary>
internal static class ReplayBench
{
    private const int Streams = 16;
    private const int BatchSize = 16;
    private const int Length = 65;
    private const long Capacity = 256 << 20;

    // What the service has set itself to allocate per batch at most.
    private const double AllocationTarget = 64 << 10;

    private static readonly int StepBytes = StepStream.ImageSchema.StepBytes;

    public static async IAsyncEnumerable<BenchResult> RunAsync(BenchOptions options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (options.Wants("replay_memory"))
        {
            var limits = CopyLimits(options, cancellation);
            var before = Settled();
            await foreach (var result in MeasureAsync("replay_memory", new MemoryChunkStore(), limits, () => Task.FromResult(Settled() - before), options, cancellation))
            {
                yield return result;
            }
        }

        if (options.Wants("replay_service_memory"))
        {
            yield return await ReplayProcess.MeasureAsync("replay_service_memory", Capacity, options.Each, cancellation);
        }

        foreach (var durable in new[] { false, true })
        {
            var name = durable ? "replay_redis_aof" : "replay_redis";
            if (options.Wants(name))
            {
                await using var redis = await BenchRedis.StartAsync(durable, cancellation);
                var limits = await LimitsAsync(redis, servers: 1, options, cancellation);
                var store = await RedisChunkStore.OpenAsync(new RedisStoreOptions { Endpoint = redis.Endpoint, Timeout = BenchRedis.Patience }, TimeProvider.System, cancellation);
                await foreach (var result in MeasureAsync(name, store, limits, () => RedisLimits.UsedMemoryAsync(redis.Endpoint), options, cancellation))
                {
                    yield return result;
                }
            }
        }

        if (options.Wants("replay_training"))
        {
            await foreach (var result in TrainingReplay.MeasureAsync("replay_training", options, cancellation))
            {
                yield return result;
            }
        }
    }

    /// <summary>What one of some servers allows that share the capacity.</summary>
    public static Task<ReplayLimits> LimitsAsync(BenchRedis redis, int servers, BenchOptions options, CancellationToken cancellation) =>
        RedisLimits.MeasureAsync(redis.Endpoint, StepBytes, BatchSize * Length, Capacity / servers, options.Each / 3, cancellation);

    /// <summary>Steps in, bytes held, batches out and what they allocate.</summary>
    public static async IAsyncEnumerable<BenchResult> MeasureAsync(
        string name, IChunkStore store, ReplayLimits limits, Func<Task<long>> held, BenchOptions options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var buffer = await ReplayBuffer.OpenAsync(store, new ReplayOptions { CapacityBytes = Capacity }, TimeProvider.System, cancellation);
        buffer.UseSchema(StepStream.ImageSchema);
        yield return BenchResult.Rate($"{name}_in", await StepsInAsync(buffer, options, cancellation), "steps/s", limits.StepsIn);

        var (memory, steps) = (await held(), buffer.Status().Steps);
        yield return BenchResult.Cost($"{name}_held", (double)memory / steps, "B/step", StepBytes);

        var (batches, allocated) = await BatchesOutAsync(buffer, options, cancellation);
        yield return BenchResult.Rate($"{name}_out", batches, "batches/s", limits.BatchesOut);
        yield return BenchResult.Cost($"{name}_out_allocated", allocated, "B/batch", AllocationTarget);
    }

    private static async Task<double> StepsInAsync(ReplayBuffer buffer, BenchOptions options, CancellationToken cancellation)
    {
        // Until the capacity is reached once nothing is evicted, which would flatter.
        var steps = 0L;
        await WriteAsync(() => Interlocked.Read(ref steps) * StepBytes < Capacity);
        steps = 0;
        var started = Stopwatch.GetTimestamp();
        await WriteAsync(() => Stopwatch.GetElapsedTime(started) < options.Each);
        return steps / Stopwatch.GetElapsedTime(started).TotalSeconds;

        Task WriteAsync(Func<bool> goesOn) => Task.WhenAll(Enumerable.Range(0, options.Threads).Select(_ => Task.Run(
            async () =>
            {
                var environments = StepStream.Images(Math.Max(1, Streams / options.Threads));
                do
                {
                    cancellation.ThrowIfCancellationRequested();
                    var chunk = environments.Next();
                    await buffer.AppendAsync(chunk, cancellation);
                    Interlocked.Add(ref steps, chunk.Steps);
                    chunk.Release();
                }
                while (goesOn());
            },
            cancellation)));
    }

    private static async Task<(double PerSecond, double Allocated)> BatchesOutAsync(ReplayBuffer buffer, BenchOptions options, CancellationToken cancellation)
    {
        // One more chunk earns all the credit that the batches will need.
        buffer.Attach(new LearnerHello(StepStream.ImageSchema, BatchSize, Length, Context: 1, TrainRatio: 1e9, Seed: 0));
        await buffer.AppendAsync(StepStream.Images(1).Next(), cancellation);
        var assembler = new BatchAssembler(StepStream.ImageSchema, BatchSize, Length);

        async Task Take()
        {
            var plan = await buffer.SampleAsync(cancellation);
            using var payloads = await buffer.ReadAsync(plan, cancellation);
            assembler.Assemble(plan, payloads.Span);
            buffer.Release(plan.Id);
        }

        await Timing.SecondsAsync(options.Each / 4, Take, cancellation);
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var started = Stopwatch.GetTimestamp();
        var seconds = await Timing.SecondsAsync(options.Each, Take, cancellation);
        return (seconds.Count / Stopwatch.GetElapsedTime(started).TotalSeconds, (GC.GetTotalAllocatedBytes(precise: true) - allocated) / (double)seconds.Count);
    }

    /// <summary>Chunks copied into memory of the capacity, as many at once as there are writers; batches copied out of it by one.</summary>
    private static ReplayLimits CopyLimits(BenchOptions options, CancellationToken cancellation)
    {
        var memory = new byte[Capacity];
        Array.Fill(memory, (byte)1);
        var chunk = memory.AsMemory(0, StepBytes * StepStream.ChunkSteps).ToArray();
        var batch = new byte[BatchSize * Length * StepBytes];
        var random = new Random(0);

        var started = Stopwatch.GetTimestamp();
        var copied = 0L;
        Parallel.For(0, options.Threads, new ParallelOptions { MaxDegreeOfParallelism = options.Threads, CancellationToken = cancellation }, writer =>
        {
            var part = memory.Length / options.Threads;
            var at = 0;
            do
            {
                chunk.CopyTo(memory.AsSpan((writer * part) + at));
                Interlocked.Add(ref copied, StepStream.ChunkSteps);
                at = (at + chunk.Length) % (part - chunk.Length);
            }
            while (Stopwatch.GetElapsedTime(started) < options.Each / 3);
        });
        var stepsIn = copied / Stopwatch.GetElapsedTime(started).TotalSeconds;

        var window = Length * StepBytes;
        var seconds = Timing.Seconds(
            options.Each / 3,
            () =>
            {
                for (var row = 0; row < BatchSize; row++)
                {
                    memory.AsSpan(random.Next(memory.Length - window), window).CopyTo(batch.AsSpan(row * window));
                }
            },
            cancellation);
        return new ReplayLimits(stepsIn, 1 / Timing.Median(seconds));
    }

    private static long Settled()
    {
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return Environment.WorkingSet;
    }
}
