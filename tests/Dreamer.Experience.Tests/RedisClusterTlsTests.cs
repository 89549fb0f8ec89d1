using Dreamer.Redis;

namespace Dreamer.Experience.Tests;

/// <summary>A Redis Cluster over TLS.</summary>
public sealed class RedisClusterTlsTests(RedisClusterTlsFixture redis) : RedisClusterContract(redis), IClassFixture<RedisClusterTlsFixture>
{
    [Fact]
    public async Task WithoutTlsNobodyGetsIn()
    {
        foreach (var open in new Func<RedisStoreOptions, Task>[]
        {
            options => RedisChunkStore.OpenAsync(options, TimeProvider.System, default), options => RedisChunkReader.OpenAsync(options, default),
        })
        {
            Assert.Contains("if it speaks TLS, set replay.redis_tls.ca_file", (await Assert.ThrowsAsync<RedisUnavailableException>(() => open(Settings with { Tls = null }))).Message);
        }
    }
}
