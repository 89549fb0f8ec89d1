using Dreamer.Redis;

namespace Dreamer.Experience.Tests;

/// <summary>A Redis Cluster.</summary>
public sealed class RedisClusterTests(RedisClusterFixture redis) : RedisClusterContract(redis), IClassFixture<RedisClusterFixture>
{
    [Fact]
    public async Task AStoreOfTheClusterIsNoStoreOfItsServers()
    {
        var servers = await RedisServer.StartAsync();
        await using (var store = await RedisChunkStore.OpenAsync(RedisFixture.Options(Settings.Prefix, servers), TimeProvider.System, default))
        {
            Assert.Equal(1, store.Shards);
        }

        // The same server, had it been made a node.
        await servers.AskAsync($"HSET {Settings.Prefix}:{{0}}:meta shards 16");
        var error = await Assert.ThrowsAsync<RedisUnavailableException>(() => RedisChunkStore.OpenAsync(RedisFixture.Options(Settings.Prefix, servers), TimeProvider.System, default));
        Assert.Contains("makes 1 shards, but the experience there lies in 16", error.Message);
        await servers.DisposeAsync();
    }
}
