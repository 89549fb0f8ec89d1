using Dreamer.Local;

namespace Dreamer.Experience.Tests;

/// <summary>A Redis Cluster of three nodes.</summary>
public class RedisClusterFixture : RedisFixture
{
    private const int Slots = 16384;

    // Milliseconds: a machine that stands still for a while has lost no node.
    private const string NodeTimeout = "120000";

    public override async Task InitializeAsync()
    {
        // A bus port of its own: the usual one, 10,000 above, does not exist for every free port.
        var busPorts = Enumerable.Range(0, 3).Select(_ => LocalPorts.Take()).ToArray();
        Servers = [.. await Task.WhenAll(busPorts.Select(bus => StartNodeAsync("--cluster-enabled", "yes", "--cluster-port", $"{bus}", "--cluster-node-timeout", NodeTimeout)))];
        for (var node = 0; node < 3; node++)
        {
            await Servers[node].AskAsync($"CLUSTER ADDSLOTSRANGE {node * Slots / 3} {((node + 1) * Slots / 3) - 1}");
            await Servers[node].AskAsync($"CLUSTER SET-CONFIG-EPOCH {node + 1}");
            await Servers[0].AskAsync($"CLUSTER MEET 127.0.0.1 {Servers[node].Port} {busPorts[node]}");
        }

        foreach (var server in Servers)
        {
            await UntilAsync(async () => await server.AskAsync("CLUSTER INFO") == "cluster_state:ok");
        }
    }

    protected virtual Task<RedisServer> StartNodeAsync(params string[] arguments) => RedisServer.StartAsync(arguments);

    /// <summary>Waits for a condition, for five minutes at most.</summary>
    public static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        while (!await holds())
        {
            await Task.Delay(50, patience.Token);
        }
    }
}
