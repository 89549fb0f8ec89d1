using Dreamer.Contracts.Clients;
using Dreamer.Hosting.Edge;
using Dreamer.Hosting.Settings;
using Dreamer.Local;
using Microsoft.Extensions.Logging.Abstractions;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.Bench;

/// <summary>The replay service as a process of its own on loopback; disposing ends it.</summary>
internal sealed class ServiceProcess : IAsyncDisposable
{
    private const int MessageBytes = 64 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly string directory;
    private readonly ManagedProcess process;
    private readonly List<ReplayChannel> channels = [];

    private ServiceProcess(string directory, ManagedProcess process, int port) =>
        (this.directory, this.process, Address) = (directory, process, $"http://127.0.0.1:{port}");

    /// <summary>URL of the service.</summary>
    public string Address { get; }

    public int Id => process.Id;

    /// <summary>Completes when it listens.</summary>
    /// <param name="settings">Flags beside its addresses.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public static async Task<ServiceProcess> StartAsync(IEnumerable<string> settings, CancellationToken cancellation)
    {
        var directory = Directory.CreateTempSubdirectory("dreamer-bench-").FullName;
        var port = LocalPorts.Take();
        var process = ActorProcess.Start(
            directory,
            [
                "replay", "--replay.listen", $"127.0.0.1:{port}", "--replay.health_listen", "", "--replay.chunk_steps", $"{StepStream.ChunkSteps}",
                "--telemetry.log_level", "error", .. settings,
            ]);
        var service = new ServiceProcess(directory, process, port);
        try
        {
            await Loopback.AnswersAsync(port, process.WaitAsync(cancellation), cancellation);
            return service;
        }
        catch
        {
            await service.DisposeAsync();
            throw;
        }
    }

    /// <summary>A connection of its own, open until the service ends.</summary>
    public ReplayChannel Connect()
    {
        var channel = ReplayChannel.Open(new ReplaySettings { Address = Address, MaxMessageBytes = MessageBytes });
        lock (channels)
        {
            channels.Add(channel);
        }

        return channel;
    }

    /// <summary>An actor's side of the experience.</summary>
    public GrpcExperienceWriter Writer(string name) => new(
        new V1.Experience.ExperienceClient(Connect().Invoker), new WriterOptions(name), TimeProvider.System, NullLogger<GrpcExperienceWriter>.Instance);

    /// <summary>Weights, there and back.</summary>
    public GrpcPolicyFeed Weights() => new(
        new V1.Weights.WeightsClient(Connect().Invoker), TimeProvider.System, NullLogger<GrpcPolicyFeed>.Instance);

    /// <summary>Plans and status.</summary>
    public V1.Replay.ReplayClient Plans() => new(Connect().Invoker);

    public async ValueTask DisposeAsync()
    {
        channels.ForEach(channel => channel.Dispose());
        await process.StopAsync(Patience);
        process.Dispose();
        Directory.Delete(directory, recursive: true);
    }
}
