using Dreamer.Redis;

namespace Dreamer.Experience.Tests;

/// <summary>Three servers: three shards.</summary>
public sealed class RedisShardsTests(RedisShardsFixture redis) : RedisStoreContract(redis), IClassFixture<RedisShardsFixture>
{
    private readonly RedisShardsFixture _redis = redis;

    [Fact]
    public async Task StreamsAreSpreadAndIdsTellTheirShard()
    {
        await using var store = await RedisChunkStore.OpenAsync(Settings, TimeProvider.System, default);
        await store.RecoverAsync(default);
        Assert.Equal(3, store.Shards);
        var ids = new List<long>();
        foreach (var chunk in Enumerable.Range(0, 6).SelectMany(stream => Given.Chunks(stream, 32)))
        {
            var id = (await store.Commit(chunk)).Id;
            Assert.Equal((long)(chunk.Stream.Value % 3), id % 3);
            ids.Add(id);
        }

        Assert.Equal(ids.Order(), ids);
        Assert.Equal(ids, (await store.RecoverAsync(default)).Records.Select(record => record.Id));
        for (var shard = 0; shard < 3; shard++)
        {
            Assert.Equal(":4", await _redis.Servers[shard].AskAsync($"XLEN {Settings.Prefix}:{{{shard}}}:idx"));
        }

        await using var reader = await RedisChunkReader.OpenAsync(Settings, default);
        Assert.Equal(0, (await reader.ReadAsync(ids.ToArray(), default)).Missing);

        // The oldest leave first, wherever they lie.
        await store.EvictAsync(ids[..5], default);
        Assert.Equal(ids[5..], (await store.RecoverAsync(default)).Records.Select(record => record.Id));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(2)]
    [InlineData(1, 0, 2)]
    public async Task OtherServersThanItBeganWithAreRefusedAndNothingIsTouched(params int[] servers)
    {
        await using var store = await RedisChunkStore.OpenAsync(Settings, TimeProvider.System, default);
        await store.RecoverAsync(default);
        var other = Settings with { Endpoint = string.Join(',', servers.Select(server => _redis.Servers[server].Endpoint)) };
        foreach (var open in new Func<Task>[]
        {
            () => RedisChunkStore.OpenAsync(other, TimeProvider.System, default), () => RedisChunkReader.OpenAsync(other, default),
        })
        {
            var error = await Assert.ThrowsAsync<RedisUnavailableException>(open);
            Assert.Contains($"replay.redis '{other.Endpoint}'", error.Message);
            Assert.Contains("name the servers that the run began with", error.Message);
        }

        Assert.Equal(CommitOutcome.Committed, (await store.Commit(Given.Chunks(1, 16)[0])).Outcome);
    }

    [Fact]
    public async Task AStoreFromBeforeThereWereShardsIsOneShard()
    {
        var one = RedisFixture.Options(Settings.Prefix, _redis.Server);
        await using (var store = await RedisChunkStore.OpenAsync(one, TimeProvider.System, default))
        {
            await store.RecoverAsync(default);
            await store.Commit(Given.Chunks(1, 16)[0]);
        }

        await _redis.Server.AskAsync($"HDEL {Settings.Prefix}:{{0}}:meta shards");
        await Assert.ThrowsAsync<RedisUnavailableException>(() => RedisChunkStore.OpenAsync(Settings, TimeProvider.System, default));
        await Assert.ThrowsAsync<RedisUnavailableException>(() => RedisChunkReader.OpenAsync(Settings, default));
        await using var reader = await RedisChunkReader.OpenAsync(one, default);
        await using var again = await RedisChunkStore.OpenAsync(one, TimeProvider.System, default);
        Assert.Single((await again.RecoverAsync(default)).Records);
    }

    [Fact]
    public async Task ALearnerMayComeAtTheMomentAtWhichTheStoreBegins()
    {
        for (var round = 0; round < 40; round++)
        {
            var options = Settings with { Prefix = $"{Settings.Prefix}-{round}" };
            var opening = RedisChunkStore.OpenAsync(options, TimeProvider.System, default);
            while (!opening.IsCompleted)
            {
                await using var reader = await RedisChunkReader.OpenAsync(options, default);
            }

            await using var store = await opening;
        }
    }

    [Fact]
    public async Task AServerThatIsAwayIsNamed()
    {
        var error = await Assert.ThrowsAsync<RedisUnavailableException>(() => RedisChunkStore.OpenAsync(
            Settings with { Endpoint = $"{_redis.Server.Endpoint},127.0.0.1:1" }, TimeProvider.System, default));
        Assert.Contains("replay.redis '127.0.0.1:1'", error.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task WhatOneOfThemLosesIsSentAgainAndNoStreamSuffers(int victim)
    {
        var servers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => RedisServer.StartAsync()));
        await using var store = await RedisChunkStore.OpenAsync(RedisFixture.Options("rb", servers), TimeProvider.System, default);
        await using var buffer = await ReplayBuffer.OpenAsync(store, new ReplayOptions { ChunkSteps = 16 }, TimeProvider.System, default);
        buffer.UseSchema(Given.Schema);
        var streams = Enumerable.Range(0, 6).Select(stream => Given.Chunks(stream, 16 * 20)).ToList();
        for (var sequence = 0; sequence < 12; sequence++)
        {
            foreach (var chunks in streams)
            {
                await buffer.AppendAsync(chunks[sequence], default);
            }
        }

        await servers[victim].KillAsync();
        servers[victim].Tear(2000);
        await servers[victim].StartAsync();
        foreach (var chunks in streams)
        {
            await Sender.SendAsync(buffer, chunks);
        }

        var status = buffer.Status();
        Assert.InRange(status.LostChunks, 1, 24);
        var snapshot = await store.RecoverAsync(default);
        Assert.Equal((120, 1920L, 1920L), (snapshot.Records.Length, snapshot.TotalSteps, status.InsertedSteps));
        Assert.Equal(snapshot.Records.Select(record => record.Id).Order(), snapshot.Records.Select(record => record.Id));
        foreach (var stream in snapshot.Records.GroupBy(record => record.Stream))
        {
            Assert.Equal(Enumerable.Range(0, 20).Select(sequence => (long)sequence), stream.Select(record => record.Sequence));
        }

        var payloads = await store.ReadAsync(snapshot.Records.Select(record => record.Id).ToArray(), default);
        foreach (var (record, payload) in snapshot.Records.Zip(payloads))
        {
            Assert.Equal(Given.Encode(streams.Single(chunks => chunks[0].Stream == record.Stream)[(int)record.Sequence]), payload!.Value.ToArray());
        }

        foreach (var server in servers)
        {
            await server.DisposeAsync();
        }
    }
}
