using System.ComponentModel;
using Dreamer.Hosting;
using Dreamer.Local;

namespace Dreamer.Bench;

/// <summary>A redis-server of our own on loopback with its data in a temporary directory; disposing ends it and deletes them.</summary>
internal sealed class BenchRedis : IAsyncDisposable
{
    /// <summary>Longest wait of a client for an answer: figures of a busy machine are poor ones, and better than none.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly ManagedProcess process;
    private readonly string directory;

    private BenchRedis(ManagedProcess process, string directory, string endpoint) =>
        (this.process, this.directory, Endpoint) = (process, directory, endpoint);

    /// <summary><c>host:port</c></summary>
    public string Endpoint { get; }

    public int Id => process.Id;

    /// <param name="durable">Keeps an append-only file flushed once per second, as <c>dreamer up</c> does.</param>
    /// <param name="cancellation">Ends the start.</param>
    public static async Task<BenchRedis> StartAsync(bool durable, CancellationToken cancellation)
    {
        var directory = Directory.CreateTempSubdirectory("dreamer-bench-").FullName;
        var port = LocalPorts.Take();
        string[] arguments =
        [
            "--bind", "127.0.0.1", "--port", $"{port}", "--dir", directory, "--save", "", "--appendfsync", "everysec",
            "--appendonly", durable ? "yes" : "no",
        ];
        try
        {
            var process = ManagedProcess.Start(
                "redis", "redis-server", arguments, new Dictionary<string, string>(), Path.Combine(directory, "redis.log"), echo: null);
            var redis = new BenchRedis(process, directory, $"127.0.0.1:{port}");
            await Loopback.AnswersAsync(port, process.WaitAsync(cancellation), cancellation);
            return redis;
        }
        catch (Win32Exception missing)
        {
            Directory.Delete(directory, recursive: true);
            throw new UserErrorException("redis-server is not installed: apt-get install redis-server, or leave it out with --only memory", cause: missing);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await process.StopAsync(Patience);
        process.Dispose();
        Directory.Delete(directory, recursive: true);
    }
}
