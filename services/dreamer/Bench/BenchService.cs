using Dreamer.Contracts.Clients;
using Dreamer.Hosting.Configuration;
using Dreamer.Hosting.Edge;
using Dreamer.Hosting.Settings;
using Dreamer.Local;
using Dreamer.Replay;
using Microsoft.Extensions.Logging.Abstractions;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.Bench;

/// <summary>The replay service with its store in memory, in this process, on loopback.</summary>
internal sealed class BenchService : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly List<ReplayChannel> channels = [];
    private readonly ReplaySettings settings;
    private readonly Task host;

    private BenchService(DreamerConfiguration configuration)
    {
        settings = configuration.Bind<ReplaySettings>("replay");
        host = Task.Run(() => ReplayHost.RunAsync(configuration, stop.Token));
    }

    /// <summary>Completes when it listens.</summary>
    public static async Task<BenchService> StartAsync(CancellationToken cancellation)
    {
        var port = LocalPorts.Take();
        var configuration = ConfigurationLoader.Load(new ConfigurationRequest(
        [
            "--replay.listen", $"127.0.0.1:{port}", "--replay.health_listen", "", "--replay.address", $"http://127.0.0.1:{port}",
            "--replay.capacity_bytes", "64MiB", "--limiter.tolerance_batches", "1e9", "--telemetry.log_level", "error",
        ])
        {
            Environment = new Dictionary<string, string>(),
            WorkingDirectory = AppContext.BaseDirectory,
        });
        var service = new BenchService(configuration);
        await Loopback.AnswersAsync(port, service.host, cancellation);
        return service;
    }

    /// <summary>URL for <c>replay.address</c>.</summary>
    public string Address => settings.Address;

    /// <summary>A connection of its own to the weights; dispose it before the service.</summary>
    public GrpcPolicyFeed Weights() => new(
        new V1.Weights.WeightsClient(Connect().Invoker), TimeProvider.System, NullLogger<GrpcPolicyFeed>.Instance);

    /// <summary>A connection of its own to the plans.</summary>
    public V1.Replay.ReplayClient Plans() => new(Connect().Invoker);

    public async ValueTask DisposeAsync()
    {
        channels.ForEach(channel => channel.Dispose());
        await stop.CancelAsync();
        await host;
        stop.Dispose();
    }

    private ReplayChannel Connect()
    {
        channels.Add(ReplayChannel.Open(settings));
        return channels[^1];
    }
}
