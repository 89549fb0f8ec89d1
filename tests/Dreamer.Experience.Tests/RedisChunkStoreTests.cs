using Dreamer.Redis;

namespace Dreamer.Experience.Tests;

public sealed class RedisChunkStoreTests(RedisFixture redis) : ChunkStoreContract, IClassFixture<RedisFixture>
{
    private readonly RedisStoreOptions _options = redis.NewOptions() with { DurableAfter = TimeSpan.Zero };

    [Fact]
    public async Task TheOlderOfTwoWritersIsRefused()
    {
        await using var old = await RedisChunkStore.OpenAsync(_options, TimeProvider.System, default);
        await old.RecoverAsync(default);
        var first = await old.Commit(Given.Chunks(1, 48)[0]);
        await using var young = await RedisChunkStore.OpenAsync(_options, TimeProvider.System, default);
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
        await using var store = await RedisChunkStore.OpenAsync(_options with { DurableAfter = TimeSpan.FromSeconds(4) }, time, default);
        await store.RecoverAsync(default);
        var first = await store.Commit(Given.Chunks(1, 48)[0]);
        time.Advance(TimeSpan.FromSeconds(3));
        var second = await store.Commit(Given.Chunks(1, 48)[1]);
        Assert.True(await store.DurableAsync(default) < first.Id);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(first.Id, await store.DurableAsync(default));
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(second.Id, await store.DurableAsync(default));
        Assert.True(store.Persistent);
    }

    [Fact]
    public async Task WeightsOutliveTheService()
    {
        await using (var vault = await RedisPolicyVault.OpenAsync(_options, default))
        {
            Assert.Null(await vault.LoadAsync(default));
            await vault.SaveAsync(3, new byte[] { 1, 2, 3 }, default);
            await vault.SaveAsync(5, new byte[] { 5, 5 }, default);
            await vault.SaveAsync(5, new byte[] { 5, 5 }, default);
            await vault.SaveAsync(4, new byte[] { 9 }, default);
        }

        await using var again = await RedisPolicyVault.OpenAsync(_options, default);
        var loaded = await again.LoadAsync(default);
        Assert.Equal(5, loaded!.Value.Version);
        Assert.Equal([5, 5], loaded.Value.Blob.ToArray());
    }

    protected override async Task<IChunkStore> OpenAsync() => await RedisChunkStore.OpenAsync(_options, TimeProvider.System, default);

    protected override async ValueTask<IChunkStore> ReopenAsync(IChunkStore store)
    {
        await store.DisposeAsync();
        return await OpenAsync();
    }
}
