using System.Globalization;
using Dreamer.Redis;

namespace Dreamer.Experience.Tests;

/// <summary>What a Redis Cluster of three nodes owes beside the contract of every store on Redis: sixteen shards by hash tag.</summary>
public abstract class RedisClusterContract(RedisClusterFixture redis) : RedisStoreContract(redis)
{
    private readonly RedisClusterFixture _redis = redis;

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task AnyNodeLeadsToAllOfThem(int node)
    {
        var seed = Settings with { Endpoint = _redis.Servers[node].Endpoint };
        await using var store = await RedisChunkStore.OpenAsync(seed, TimeProvider.System, default);
        await store.RecoverAsync(default);
        Assert.Equal(16, store.Shards);
        var ids = new List<long>();
        foreach (var stream in Enumerable.Range(0, 16))
        {
            ids.Add((await store.Commit(Given.Chunks(stream, 16)[0])).Id);
        }

        await using var reader = await RedisChunkReader.OpenAsync(seed, default);
        Assert.Equal(0, (await reader.ReadAsync(ids.ToArray(), default)).Missing);
        foreach (var server in _redis.Servers)
        {
            Assert.NotEqual(":0", await server.AskAsync("DBSIZE"));
        }
    }

    [Fact]
    public async Task AShardThatMovesToAnotherNodeIsFoundThere()
    {
        await using var store = await RedisChunkStore.OpenAsync(Settings, TimeProvider.System, default);
        await store.RecoverAsync(default);
        await using var reader = await RedisChunkReader.OpenAsync(Settings, default);
        var chunks = Given.Chunks(1, 32);
        var first = (await store.Commit(chunks[0])).Id;
        using (await reader.ReadAsync(new[] { first }, default))
        {
            await MoveAsync((int)(chunks[0].Stream.Value % 16));
        }

        var second = (await store.Commit(chunks[1])).Id;
        var payloads = await reader.ReadAsync(new[] { first, second }, default);
        Assert.Equal(Given.Encode(chunks[0]), payloads[0]!.Value.ToArray());
        Assert.Equal(Given.Encode(chunks[1]), payloads[1]!.Value.ToArray());
        Assert.Equal([0, 1], (await store.RecoverAsync(default)).Records.Select(record => record.Sequence));
    }

    /// <summary>Moves a shard's slot with its keys to the next node, while nobody writes.</summary>
    private async Task MoveAsync(int shard)
    {
        var slot = int.Parse((await _redis.Server.AskAsync($"CLUSTER KEYSLOT {Settings.Prefix}:{{{shard}}}:meta"))[1..], CultureInfo.InvariantCulture);
        var names = new List<string>();
        foreach (var server in _redis.Servers)
        {
            names.Add(await server.AskAsync("CLUSTER MYID"));
        }

        var from = slot * 3 / 16384;
        var to = (from + 1) % 3;
        await _redis.Servers[to].AskAsync($"CLUSTER SETSLOT {slot} IMPORTING {names[from]}");
        await _redis.Servers[from].AskAsync($"CLUSTER SETSLOT {slot} MIGRATING {names[to]}");
        while (await _redis.Servers[from].AskAsync($"CLUSTER COUNTKEYSINSLOT {slot}") != ":0")
        {
            var key = await _redis.Servers[from].AskFirstAsync($"CLUSTER GETKEYSINSLOT {slot} 1");
            await _redis.Servers[from].AskAsync($"MIGRATE 127.0.0.1 {_redis.Servers[to].Port} {key} 0 5000");
        }

        foreach (var server in _redis.Servers)
        {
            await server.AskAsync($"CLUSTER SETSLOT {slot} NODE {names[to]}");
        }
    }
}
