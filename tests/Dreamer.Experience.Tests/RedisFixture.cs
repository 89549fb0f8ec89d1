using System.Collections.Immutable;
using Dreamer.Redis;

namespace Dreamer.Experience.Tests;

/// <summary>One server for the tests of a class; each test takes its own prefix.</summary>
public class RedisFixture : IAsyncLifetime
{
    private int _prefixes;

    public ImmutableArray<RedisServer> Servers { get; protected set; } = [];

    public RedisServer Server => Servers[0];

    public virtual async Task InitializeAsync() => Servers = [await RedisServer.StartAsync()];

    public virtual async Task DisposeAsync()
    {
        foreach (var server in Servers)
        {
            await server.DisposeAsync();
        }
    }

    public virtual RedisStoreOptions NewOptions() => Options($"test{Interlocked.Increment(ref _prefixes)}", [.. Servers]);

    public static RedisStoreOptions Options(string prefix, params RedisServer[] servers) =>
        new() { Endpoint = string.Join(',', servers.Select(server => server.Endpoint)), Prefix = prefix, Timeout = RedisServer.Patience };

    protected async Task StartAsync(int count, Func<string[]> arguments) =>
        Servers = [.. await Task.WhenAll(Enumerable.Range(0, count).Select(_ => RedisServer.StartAsync(arguments())))];
}
