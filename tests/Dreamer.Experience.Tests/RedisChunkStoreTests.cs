using Dreamer.Redis;

namespace Dreamer.Experience.Tests;

/// <summary>One server: one shard.</summary>
public sealed class RedisChunkStoreTests(RedisFixture redis) : RedisStoreContract(redis), IClassFixture<RedisFixture>
{
    private readonly RedisFixture _redis = redis;

    [Theory]
    [InlineData(17)]
    [InlineData(21)]
    [InlineData(32)]
    public async Task RedisHoldsLittleMoreThanTheChunkHas(int steps)
    {
        await using var store = await RedisChunkStore.OpenAsync(Settings, TimeProvider.System, default);
        await store.RecoverAsync(default);
        var chunk = Given.WideChunks(32, steps)[0];
        var encoded = ChunkCodec.Encode(chunk, Given.Wide, ChunkCompression.None);
        var id = (await store.CommitAsync(Given.Record(chunk, encoded), encoded, default)).Id;
        Assert.Equal(encoded, (await store.ReadAsync(new[] { id }, default))[0]!.Value.ToArray());

        var held = 0L;
        foreach (var key in new[] { $"c:{id}", $"c:{id}:r" })
        {
            held += long.TryParse((await _redis.Server.AskAsync($"MEMORY USAGE {Settings.Prefix}:{{0}}:{key}")).TrimStart(':'), out var bytes) ? bytes : 0;
        }

        Assert.InRange(held, encoded.Length, encoded.Length * 1.05);
        await store.EvictAsync([id], default);
        Assert.Equal(":0", await _redis.Server.AskAsync($"EXISTS {Settings.Prefix}:{{0}}:c:{id}:r"));
    }
}
