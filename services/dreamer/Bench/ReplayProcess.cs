using System.Diagnostics;
using Dreamer.Contracts;
using Dreamer.Experience;

namespace Dreamer.Bench;

/// <summary>
/// Peak memory of the replay service as a process of its own, with its store in memory, while an actor sends images as fast as they are
/// taken until the replay has been full for a while. The limit: the replay's capacity and what the program has before it does anything.
/// </summary>
internal static class ReplayProcess
{
    private const int Streams = 16;

    public static async Task<BenchResult> MeasureAsync(string name, long capacity, TimeSpan each, CancellationToken cancellation)
    {
        var directory = Directory.CreateTempSubdirectory("dreamer-bench-");
        var (_, idle) = await ActorProcess.IdleAsync(directory.FullName, cancellation);
        directory.Delete(recursive: true);
        await using var service = await ServiceProcess.StartAsync(["--replay.store", "memory", "--replay.capacity_bytes", $"{capacity}"], cancellation);

        // So little to be replayed that the learner's side never holds the actor back.
        await service.Plans().AttachAsync(
            new LearnerHello(StepStream.ImageSchema, BatchSize: 1, Length: 1, Context: 0, TrainRatio: 1e-9, Seed: 0).ToMessage(), cancellationToken: cancellation);
        await SendAsync(service, capacity, each, cancellation);
        return BenchResult.Cost(name, ActorProcess.Resident(service.Id, "VmHWM:") / 1e6, "MB", (capacity + idle) / 1e6);
    }

    private static async Task SendAsync(ServiceProcess service, long capacity, TimeSpan each, CancellationToken cancellation)
    {
        await using var writer = service.Writer("bench");
        await writer.OpenAsync(StepStream.ImageSchema, cancellation);
        var environments = StepStream.Images(Streams);
        var sent = 0L;
        for (var started = Stopwatch.GetTimestamp(); sent < 2 * capacity || Stopwatch.GetElapsedTime(started) < each;)
        {
            var chunk = environments.Next();
            sent += chunk.Bytes;
            await writer.WriteAsync(chunk, cancellation);
        }

        await writer.FlushAsync(cancellation);
    }
}
