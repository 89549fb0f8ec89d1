using System.Diagnostics;
using Dreamer.Contracts;
using Dreamer.Contracts.Clients;
using Dreamer.Experience;
using Dreamer.Hosting.Edge;
using Dreamer.Hosting.Settings;
using Microsoft.Extensions.Logging.Abstractions;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.Bench;

/// <summary>
/// Peak memory of the replay service as a process of its own, with its store in memory, while an actor sends images as fast as they are
/// taken until the replay has been full for a while. The limit: the replay's capacity and what the program has before it does anything.
/// </summary>
internal static class ReplayProcess
{
    private const int Streams = 16;
    private const int MessageBytes = 64 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static async Task<BenchResult> MeasureAsync(string name, long capacity, TimeSpan each, CancellationToken cancellation)
    {
        var directory = Directory.CreateTempSubdirectory("dreamer-bench-").FullName;
        try
        {
            var (_, idle) = await ActorProcess.IdleAsync(directory, cancellation);
            var port = Loopback.FreePort();
            using var service = ActorProcess.Start(
                directory,
                "replay", "--replay.store", "memory", "--replay.listen", $"127.0.0.1:{port}", "--replay.health_listen", "", "--replay.capacity_bytes", $"{capacity}",
                "--replay.chunk_steps", $"{ImageStream.ChunkSteps}", "--telemetry.log_level", "error");
            try
            {
                await Loopback.AnswersAsync(port, service.WaitAsync(cancellation), cancellation);
                using var channel = ReplayChannel.Open(new ReplaySettings { Address = $"http://127.0.0.1:{port}", MaxMessageBytes = MessageBytes });

                // So little to be replayed that the learner's side never holds the actor back.
                await new V1.Replay.ReplayClient(channel.Invoker).AttachAsync(
                    new LearnerHello(ImageStream.Schema, BatchSize: 1, Length: 1, Context: 0, TrainRatio: 1e-9, Seed: 0).ToMessage(), cancellationToken: cancellation);
                await SendAsync(channel, capacity, each, cancellation);
                return BenchResult.Cost(name, ActorProcess.Resident(service.Id, "VmHWM:") / 1e6, "MB", (capacity + idle) / 1e6);
            }
            finally
            {
                await service.StopAsync(Patience);
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task SendAsync(ReplayChannel channel, long capacity, TimeSpan each, CancellationToken cancellation)
    {
        await using var writer = new GrpcExperienceWriter(
            new V1.Experience.ExperienceClient(channel.Invoker), new WriterOptions("bench"), TimeProvider.System, NullLogger<GrpcExperienceWriter>.Instance);
        await writer.OpenAsync(ImageStream.Schema, cancellation);
        var environments = new ImageStream(Streams);
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
