using System.Diagnostics;
using System.Runtime.CompilerServices;
using Dreamer.Contracts;
using Dreamer.Experience;
using Dreamer.Redis;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.Bench;

/// <summary>
/// Many steps through a service that is full nearly all the time: 16 actors, the replay service, Redis with its append-only
/// file, and a learner that reads every batch. Tells the resident memory of each process at ten points and how it goes on.
/// </summary>
internal static class SoakBench
{
    private const int Actors = 16;
    private const int Points = 10;

    // Full after a fifth of the steps; what is judged begins where memory had time to settle.
    private const int CapacityShare = 5;
    private const int SettledPoints = 4;
    private const double TrainRatio = 4;

    public static async IAsyncEnumerable<BenchResult> RunAsync(BenchOptions options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var redis = await BenchRedis.StartAsync(durable: true, cancellation);
        await using var service = await ServiceProcess.StartAsync(
            ["--replay.store", "redis", "--replay.redis", redis.Endpoint, "--replay.capacity_steps", $"{Math.Max(1, options.Steps / CapacityShare)}"], cancellation);
        await using var reader = await RedisChunkReader.OpenAsync(new RedisStoreOptions { Endpoint = redis.Endpoint, Timeout = BenchRedis.Patience }, cancellation);
        var plans = await ScaleBench.AttachAsync(service, StepStream.VectorSchema, TrainRatio, cancellation);
        var assembler = new BatchAssembler(StepStream.VectorSchema, 16, 65);
        await using var group = new LightActors(service, Actors, () => StepStream.Vectors(1));

        var request = new V1.SampleRequest();

        // Reads batches until so many steps are inserted.
        async Task<long> TrainAsync(long steps)
        {
            while (true)
            {
                var plan = (await plans.SampleAsync(request, cancellationToken: cancellation)).ToPlan();
                using (var payloads = await reader.ReadAsync(plan, cancellation))
                {
                    assembler.Assemble(plan, payloads.Span);
                }

                request = new V1.SampleRequest { Release = { plan.Id } };
                if (plan.InsertedSteps >= steps)
                {
                    return plan.InsertedSteps;
                }
            }
        }

        (string Name, Func<double> Bytes)[] processes =
        [
            ("service", () => ActorProcess.Resident(service.Id, "VmRSS:")),
            ("redis", () => ActorProcess.Resident(redis.Id, "VmRSS:")),
            ("clients", () => ActorProcess.Resident(Environment.ProcessId, "VmRSS:")),
        ];
        var seen = new List<(double Steps, double[] Megabytes)>();
        var (before, started) = (0L, Stopwatch.GetTimestamp());
        double? firstRate = null;
        for (var point = 1; point <= Points; point++)
        {
            var inserted = await TrainAsync(options.Steps * point / Points);
            var rate = (inserted - before) / Stopwatch.GetElapsedTime(started).TotalSeconds;
            (before, started) = (inserted, Stopwatch.GetTimestamp());
            yield return BenchResult.Rate($"soak_rate_at_{inserted}", rate, "steps/s", firstRate ??= rate);
            seen.Add((inserted, [.. processes.Select(process => process.Bytes() / 1e6)]));
            for (var process = 0; process < processes.Length; process++)
            {
                yield return BenchResult.Cost(
                    $"soak_{processes[process].Name}_memory_at_{inserted}", seen[^1].Megabytes[process], "MB", seen[Math.Min(SettledPoints, point) - 1].Megabytes[process]);
            }
        }

        for (var process = 0; process < processes.Length; process++)
        {
            // 1 is flat: what it has beside what it would have a million steps later.
            var settled = seen[(SettledPoints - 1)..].ConvertAll(point => (point.Steps / 1e6, point.Megabytes[process]));
            var (slope, held) = (Slope(settled), settled[^1].Item2);
            yield return new BenchResult($"soak_{processes[process].Name}_slope", slope, "MB/Msteps", 0, held / (held + Math.Max(0, slope)));
        }
    }

    /// <summary>Of the straight line that lies nearest.</summary>
    private static double Slope(List<(double X, double Y)> points)
    {
        var (x, y) = (points.Average(point => point.X), points.Average(point => point.Y));
        return points.Sum(point => (point.X - x) * (point.Y - y)) / points.Sum(point => (point.X - x) * (point.X - x));
    }
}
