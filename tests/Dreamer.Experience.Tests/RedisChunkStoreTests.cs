using Dreamer.Policies;
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
        static PolicyBlob Blob(long version) => PolicyBlob.Create(version, new byte[] { 1, (byte)version }, new byte[] { 2, 3, 4, 5, (byte)version });
        await using (var store = await RedisChunkStore.OpenAsync(_options, TimeProvider.System, default))
        {
            Assert.Null(await store.Vault.LoadAsync(default));
            foreach (var version in new[] { 3, 5, 5, 4 })
            {
                await store.Vault.SaveAsync(Blob(version), default);
            }
        }

        await using var again = await RedisChunkStore.OpenAsync(_options, TimeProvider.System, default);
        var loaded = (await again.Vault.LoadAsync(default))!;
        loaded.Verify();
        Assert.Equal(5, loaded.Version);
        Assert.Equal(Blob(5).Weights.ToArray(), loaded.Weights.ToArray());
    }

    protected override async Task<IChunkStore> OpenAsync() => await RedisChunkStore.OpenAsync(_options, TimeProvider.System, default);

    protected override async ValueTask<IChunkStore> ReopenAsync(IChunkStore store)
    {
        await store.DisposeAsync();
        return await OpenAsync();
    }
}
