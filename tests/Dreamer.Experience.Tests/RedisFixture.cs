using Dreamer.Redis;

namespace Dreamer.Experience.Tests;

/// <summary>One server for the tests of a class; each test takes its own prefix.</summary>
public sealed class RedisFixture : IAsyncLifetime
{
    private int _prefixes;

    public RedisServer Server { get; private set; } = null!;

    public async Task InitializeAsync() => Server = await RedisServer.StartAsync();

    public async Task DisposeAsync() => await Server.DisposeAsync();

    public RedisStoreOptions NewOptions() => Server.Options($"test{Interlocked.Increment(ref _prefixes)}");
}
