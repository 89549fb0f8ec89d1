using Dreamer.Policies;
using Dreamer.Redis;

namespace Dreamer.Experience.Tests;

/// <summary>What Redis owes beside the contract of every store, whatever shards its servers make.</summary>
public abstract class RedisStoreContract(RedisFixture redis) : ChunkStoreContract
{
    protected RedisStoreOptions Settings { get; } = redis.NewOptions() with { DurableAfter = TimeSpan.Zero };

    [Fact]
    public async Task TheOlderOfTwoWritersIsRefused()
    {
        await using var old = await RedisChunkStore.OpenAsync(Settings, TimeProvider.System, default);
        await old.RecoverAsync(default);
        var first = await old.Commit(Given.Chunks(1, 48)[0]);
        await using var young = await RedisChunkStore.OpenAsync(Settings, TimeProvider.System, default);
        Assert.Single((await young.RecoverAsync(default)).Records);
        await Assert.ThrowsAsync<StoreFencedException>(() => old.Commit(Given.Chunks(1, 48)[1]));
        await Assert.ThrowsAsync<StoreFencedException>(() => old.EvictAsync([first.Id], default));
        await Assert.ThrowsAsync<StoreFencedException>(() => old.SaveMetaAsync(new byte[1], default));
        await Assert.ThrowsAsync<StoreFencedException>(() => old.RecoverAsync(default));
        var second = await young.Commit(Given.Chunks(1, 48)[1]);
        var payloads = await young.ReadAsync(new[] { first.Id, second.Id }, default);
        Assert.Equal(Given.Encode(Given.Chunks(1, 48)[1]), payloads[1]!.Value.ToArray());
        Assert.NotNull(payloads[0]);
    }

    [Fact]
    public async Task DurableOnlyAfterTheWaitAndWithTheSameRunOfTheServer()
    {
        var time = new FakeTime();
        await using var store = await RedisChunkStore.OpenAsync(Settings with { DurableAfter = TimeSpan.FromSeconds(4) }, time, default);
        await store.RecoverAsync(default);
        var first = await store.Commit(Given.Chunks(1, 48)[0]);
        time.Advance(TimeSpan.FromSeconds(3));
        var second = await store.Commit(Given.Chunks(1, 48)[1]);
        Assert.True(await store.DurableAsync(default) < first.Id);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.InRange(await store.DurableAsync(default), first.Id, second.Id - 1);
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(second.Id, await store.DurableAsync(default));
        Assert.True(store.Persistent);
    }

    [Fact]
    public async Task WeightsOutliveTheService()
    {
        static PolicyBlob Blob(long version) => PolicyBlob.Create(version, new byte[] { 1, (byte)version }, new byte[] { 2, 3, 4, 5, (byte)version });
        await using (var store = await RedisChunkStore.OpenAsync(Settings, TimeProvider.System, default))
        {
            Assert.Null(await store.Vault.LoadAsync(default));
            foreach (var version in new[] { 3, 5, 5, 4 })
            {
                await store.Vault.SaveAsync(Blob(version), default);
            }
        }

        await using var again = await RedisChunkStore.OpenAsync(Settings, TimeProvider.System, default);
        var loaded = (await again.Vault.LoadAsync(default))!;
        loaded.Verify();
        Assert.Equal(5, loaded.Version);
        Assert.Equal(Blob(5).Weights.ToArray(), loaded.Weights.ToArray());
    }

    [Theory]
    [InlineData(ChunkCompression.None)]
    [InlineData(ChunkCompression.Auto)]
    public async Task PartsOfChunksMakeTheSameBatchAsWholeOnes(ChunkCompression compression)
    {
        var settings = new ReplayOptions { ChunkSteps = 32, Compression = compression };
        await using var parts = await ReplayBuffer.OpenAsync(await RedisChunkStore.OpenAsync(Settings, TimeProvider.System, default), settings, TimeProvider.System, default);
        await using var whole = await ReplayBuffer.OpenAsync(new MemoryChunkStore(), settings, TimeProvider.System, default);
        foreach (var buffer in new[] { parts, whole })
        {
            buffer.Attach(new LearnerHello(Given.Wide, BatchSize: 5, Length: 37, Context: 1, TrainRatio: 1000, Seed: 3));
        }

        foreach (var chunk in Given.WideChunks(192).Concat(Given.WideChunks(192, stream: 2)))
        {
            await parts.AppendAsync(chunk, default);
            await whole.AppendAsync(chunk, default);
        }

        var (actual, expected) = (new BatchAssembler(Given.Wide, 5, 37), new BatchAssembler(Given.Wide, 5, 37));
        for (var batch = 0; batch < 20; batch++)
        {
            var (plan, same) = (await parts.SampleAsync(default), await whole.SampleAsync(default));
            using var some = await parts.ReadAsync(plan, default);
            using var all = await whole.ReadAsync(same, default);
            var (left, right) = (actual.Assemble(plan, some.Span), expected.Assemble(same, all.Span));
            foreach (var (one, other) in left.Columns.Concat(left.State).Zip(right.Columns.Concat(right.State)))
            {
                Assert.True(one.AsSpan().SequenceEqual(other));
            }

            parts.Release(plan.Id);
            whole.Release(same.Id);
        }
    }

    protected override async Task<IChunkStore> OpenAsync() => await RedisChunkStore.OpenAsync(Settings, TimeProvider.System, default);

    protected override async ValueTask<IChunkStore> ReopenAsync(IChunkStore store)
    {
        await store.DisposeAsync();
        return await OpenAsync();
    }
}
