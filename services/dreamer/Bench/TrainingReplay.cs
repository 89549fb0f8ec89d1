using System.Diagnostics;
using System.Runtime.CompilerServices;
using Dreamer.Contracts.Clients;
using Dreamer.Experience;
using Dreamer.Learner;
using Dreamer.Redis;
using Microsoft.Extensions.Logging.Abstractions;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.Bench;

/// <summary>
/// A learner's batches while experience comes in: an actor sends 1,000 steps of 64x64x3 a second to a replay service of its own
/// process that is full, over Redis with its append-only file, and batches of 16 x 65 are read as the learner reads them. Once as
/// fast as they come, and once 20 times a second with pauses that stand for the updates of a GPU.
/// </summary>
internal static class TrainingReplay
{
    private const int Streams = 16;
    private const int BatchSize = 16;
    private const int Length = 65;
    private const int Prefetch = 2;
    private const int StepsPerSecond = 1_000;
    private const double WaitTargetPercent = 2;
    private const long Capacity = 256 << 20;

    private static readonly TimeSpan Update = TimeSpan.FromSeconds(1.0 / 20);

    public static async IAsyncEnumerable<BenchResult> MeasureAsync(string name, BenchOptions options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var redis = await BenchRedis.StartAsync(durable: true, cancellation);
        var limits = await ReplayBench.LimitsAsync(redis, servers: 1, options, cancellation);
        await using var service = await ServiceProcess.StartAsync(
            ["--replay.store", "redis", "--replay.redis", redis.Endpoint, "--replay.capacity_bytes", $"{Capacity}", "--limiter.tolerance_batches", "1e9"], cancellation);
        await using var reader = await RedisChunkReader.OpenAsync(new RedisStoreOptions { Endpoint = redis.Endpoint, Timeout = BenchRedis.Patience }, cancellation);
        var plans = service.Plans();
        await using var replay = new GrpcReplay(plans, reader, TimeProvider.System, NullLogger<GrpcReplay>.Instance);

        // Every step earns far more than is read, and the tolerance above holds no actor back.
        await replay.AttachAsync(new LearnerHello(StepStream.ImageSchema, BatchSize, Length, Context: 1, TrainRatio: 1e6, Seed: 0), cancellation);
        await using var batches = new BatchSource(replay, StepStream.ImageSchema, BatchSize, Length, Prefetch, NullLogger.Instance, cancellation);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var full = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var sending = Task.Run(() => SendAsync(service, full, over.Token), CancellationToken.None);
        await await Task.WhenAny(full.Task, sending);
        async Task<long> InsertedAsync() => (await plans.StatusAsync(new V1.StatusRequest(), cancellationToken: cancellation)).InsertedSteps;

        await TrainAsync(batches, Timing.WarmUp, TimeSpan.Zero, cancellation);
        var (before, started) = (await InsertedAsync(), Stopwatch.GetTimestamp());
        var fast = await TrainAsync(batches, options.Each, TimeSpan.Zero, cancellation);
        var paced = await TrainAsync(batches, options.Each, Update, cancellation);
        var steps = (await InsertedAsync() - before) / Stopwatch.GetElapsedTime(started).TotalSeconds;
        await over.CancelAsync();
        await sending;

        yield return BenchResult.Rate($"{name}_in", Math.Max(1, steps), "steps/s", StepsPerSecond);
        yield return BenchResult.Rate($"{name}_out", fast.PerSecond, "batches/s", limits.BatchesOut);

        // Without any wait there would be no ratio to print.
        yield return BenchResult.Cost($"{name}_wait", Math.Max(1e-3, 100 * paced.Waited), "%", WaitTargetPercent);
    }

    /// <summary>Batches per second, and the share of the time that was spent waiting for them.</summary>
    private static async Task<(double PerSecond, double Waited)> TrainAsync(BatchSource batches, TimeSpan duration, TimeSpan update, CancellationToken cancellation)
    {
        var (count, waited, started) = (0, TimeSpan.Zero, Stopwatch.GetTimestamp());
        while (count < 3 || Stopwatch.GetElapsedTime(started) < duration)
        {
            var asked = Stopwatch.GetTimestamp();
            var item = await batches.NextAsync(cancellation);
            waited += Stopwatch.GetElapsedTime(asked);
            await Task.Delay(update, cancellation);
            batches.Return(item.Batch);
            count++;
        }

        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return (count / seconds, waited.TotalSeconds / seconds);
    }

    /// <summary>Fills the replay as fast as it takes steps, then keeps the pace.</summary>
    private static async Task SendAsync(ServiceProcess service, TaskCompletionSource full, CancellationToken over)
    {
        await using var writer = service.Writer("bench");
        try
        {
            await writer.OpenAsync(StepStream.ImageSchema, over);
            var environments = StepStream.Images(Streams);
            for (var sent = 0L; sent < Capacity;)
            {
                var chunk = environments.Next();
                sent += chunk.Bytes;
                await writer.WriteAsync(chunk, over);
            }

            full.SetResult();
            using var beat = new PeriodicTimer(TimeSpan.FromSeconds((double)StepStream.ChunkSteps / StepsPerSecond));
            while (await beat.WaitForNextTickAsync(over))
            {
                await writer.WriteAsync(environments.Next(), over);
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
        }
    }
}
