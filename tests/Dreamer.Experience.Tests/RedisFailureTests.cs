using System.Text.RegularExpressions;
using Dreamer.Redis;
using Dreamer.Testing;

namespace Dreamer.Experience.Tests;

/// <summary>Redis that is not there, refuses, is full, dies, forgets.</summary>
public sealed class RedisFailureTests
{
    private static readonly ReplayOptions Small = new() { ChunkSteps = 16 };

    [Fact]
    public async Task NoRedisThereNamesTheSetting()
    {
        var error = await Assert.ThrowsAsync<RedisUnavailableException>(() => RedisChunkStore.OpenAsync(
            new RedisStoreOptions { Endpoint = "127.0.0.1:1" }, TimeProvider.System, default));
        Assert.Contains("replay.redis '127.0.0.1:1'", error.Message);
        Assert.Contains("start redis-server", error.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("wrong")]
    public async Task AWrongPasswordNamesTheSetting(string password)
    {
        await using var server = await RedisServer.StartAsync("--requirepass", "right");
        var error = await Assert.ThrowsAsync<RedisUnavailableException>(() => RedisChunkStore.OpenAsync(server.Options(password: password), TimeProvider.System, default));
        Assert.Contains("replay.password_file", error.Message);
        await using var store = await RedisChunkStore.OpenAsync(server.Options(password: "right"), TimeProvider.System, default);
        Assert.Empty((await store.RecoverAsync(default)).Records);
        error = await Assert.ThrowsAsync<RedisUnavailableException>(() => RedisChunkReader.OpenAsync(server.Options(password: password), default));
        Assert.Contains("replay.password_file", error.Message);
        await using var reader = await RedisChunkReader.OpenAsync(server.Options(password: "right"), default);
        Assert.Equal(1, (await reader.ReadAsync(new long[] { 1 }, default)).Missing);
    }

    [Fact]
    public async Task SettingsThatCannotWorkAreNamed()
    {
        foreach (var redis in new[] { "", "a:1,", "a:1,,b:1", "a:1, A:1", "a:1,allowAdmin=true" })
        {
            Assert.Contains("replay.redis is", Assert.Throws<RedisUnavailableException>(() => RedisStoreOptions.For(redis, "", "")).Message);
        }

        Assert.Equal("a:1,b:2", RedisStoreOptions.For("a:1, b:2", "", "").Endpoint);
        Assert.Contains("replay.password_file", Assert.Throws<RedisUnavailableException>(() => RedisStoreOptions.For("a:1", "", "/nowhere/password")).Message);
        var error = await Assert.ThrowsAsync<RedisUnavailableException>(() => RedisChunkReader.OpenAsync(
            new RedisStoreOptions { Endpoint = "127.0.0.1:1", User = "somebody" }, default));

        // The older client knows no users; the newest does, and finds nobody there.
        Assert.Matches("replay.user 'somebody'|replay.redis '127.0.0.1:1'", error.Message);
    }

    [Fact]
    public async Task OutOfMemoryStoresNothingAndRecoversWhenThereIsRoom()
    {
        await using var server = await RedisServer.StartAsync("--maxmemory", "3mb");
        await using var store = await RedisChunkStore.OpenAsync(server.Options(), TimeProvider.System, default);
        await using var buffer = await ReplayBuffer.OpenAsync(store, Small with { Compression = ChunkCompression.None }, TimeProvider.System, default);
        buffer.UseSchema(Given.Schema);
        var chunks = Given.Chunks(1, 16 * 2000);
        StoreFullException? full = null;
        var committed = 0;
        while (full is null)
        {
            try
            {
                await buffer.AppendAsync(chunks[committed], default);
                committed++;
            }
            catch (StoreFullException error)
            {
                full = error;
            }
        }

        Assert.Contains("replay.capacity_bytes", full.Message);
        Assert.True(buffer.Status().StoreFull);
        Assert.Equal(committed, buffer.NextSequence(Given.Stream(1)));
        var snapshot = await store.RecoverAsync(default);
        Assert.Equal(committed, snapshot.Records.Length);

        // Eviction needs no memory, and makes room.
        await store.EvictAsync([.. snapshot.Records.Take(50).Select(record => record.Id)], default);
        Assert.Equal(CommitOutcome.Committed, (await buffer.AppendAsync(chunks[committed], default)).Outcome);
        Assert.False(buffer.Status().StoreFull);
    }

    [Fact]
    public async Task AfterAKillTheIndexIsAPrefixWithAllItsPayload()
    {
        await using var server = await RedisServer.StartAsync();
        var random = new Random(3);
        long committed = 0;
        for (var trial = 0; trial < 4; trial++)
        {
            await using var store = await RedisChunkStore.OpenAsync(server.Options(), TimeProvider.System, default);
            var snapshot = await store.RecoverAsync(default);
            Assert.Equal(Enumerable.Range(0, snapshot.Records.Length).Select(sequence => (long)sequence), snapshot.Records.Select(record => record.Sequence));
            Assert.Equal(snapshot.Records.Length * 16, snapshot.TotalSteps);
            Assert.Equal(snapshot.Records.Length, snapshot.NextSequences.GetValueOrDefault(Given.Stream(1)));
            Assert.InRange(snapshot.Records.Length, committed == 0 ? 0 : 1, committed);
            var payloads = await store.ReadAsync(snapshot.Records.Select(record => record.Id).ToArray(), default);
            foreach (var (payload, chunk) in payloads.Zip(Given.Chunks(1, 16 * payloads.Count)))
            {
                Assert.Equal(Given.Encode(chunk), payload!.Value.ToArray());
            }

            var from = snapshot.Records.Length;
            var upTo = from + random.Next(5, 40);
            foreach (var chunk in Given.Chunks(1, 16 * upTo).Skip(from))
            {
                await store.Commit(chunk);
            }

            committed = upTo;
            await server.KillAsync();
            server.Tear(random.Next(6000));
            await server.StartAsync();
        }
    }

    [Fact]
    public async Task ARunningReplayGoesOnAfterRedisLostCommits()
    {
        await using var server = await RedisServer.StartAsync();
        await using var store = await RedisChunkStore.OpenAsync(server.Options(), TimeProvider.System, default);
        await using var buffer = await ReplayBuffer.OpenAsync(store, Small, TimeProvider.System, default);
        var warnings = new List<string>();
        buffer.Warning += warnings.Add;
        buffer.UseSchema(Given.Schema);
        var chunks = Given.Chunks(1, 16 * 30);
        foreach (var chunk in chunks.Take(20))
        {
            await buffer.AppendAsync(chunk, default);
        }

        await server.KillAsync();
        await Assert.ThrowsAsync<RedisUnavailableException>(async () => await buffer.AppendAsync(chunks[20], default));
        server.Tear(3000);
        await server.StartAsync();
        var ids = new List<long>();
        await Sender.SendAsync(buffer, chunks);
        var snapshot = await store.RecoverAsync(default);
        Assert.Equal(Enumerable.Range(0, 30).Select(sequence => (long)sequence), snapshot.Records.Select(record => record.Sequence));
        Assert.Equal(snapshot.Records.Select(record => record.Id).Order(), snapshot.Records.Select(record => record.Id));
        Assert.Equal((480L, 480L), (snapshot.TotalSteps, buffer.Status().InsertedSteps));
        Assert.True(buffer.Status().LostChunks > 0);
        Assert.Contains(warnings, warning => warning.Contains("lost its newest"));
    }

    [Fact]
    public async Task ACommitThatArrivesAfterItsConnectionWasGivenUpHarmsNoOther()
    {
        await using var server = await RedisServer.StartAsync();
        await using var proxy = new FaultProxy(server.Endpoint);
        var options = server.Options() with { Endpoint = proxy.Address, Timeout = TimeSpan.FromSeconds(10) };
        await using var store = await RedisChunkStore.OpenAsync(options, TimeProvider.System, default);
        await store.RecoverAsync(default);
        var (mine, other) = (Given.Chunks(1, 32), Given.Chunks(2, 16)[0]);
        await store.Commit(mine[0]);

        proxy.Partition();
        await Assert.ThrowsAsync<RedisUnavailableException>(() => store.Commit(mine[1]));
        proxy.Strand();
        proxy.Heal();
        var committed = await Persist(async () =>
        {
            await store.RecoverAsync(default);
            return await store.Commit(other);
        });
        proxy.Deliver();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!Regex.IsMatch(await server.Ask("INFO commandstats"), "cmdstat_p?set(ex)?:calls=3,"))
        {
            await Task.Delay(20, patience.Token);
        }

        Assert.Equal(Given.Encode(other), (await store.ReadAsync(new[] { committed.Id }, default))[0]!.Value.ToArray());
        Assert.Equal(":-1", await server.Ask($"TTL rb:{{0}}:c:{committed.Id}"));
        Assert.Equal(CommitOutcome.Committed, (await store.Commit(mine[1])).Outcome);
    }

    [Fact]
    public async Task AReaderGoesOnAfterRedisWasAway()
    {
        await using var server = await RedisServer.StartAsync();
        long id;
        await using (var store = await RedisChunkStore.OpenAsync(server.Options(), TimeProvider.System, default))
        {
            await store.RecoverAsync(default);
            id = (await store.Commit(Given.Chunks(1, 16)[0])).Id;
        }

        await using var reader = await RedisChunkReader.OpenAsync(server.Options(), default);
        Assert.Equal(Given.Encode(Given.Chunks(1, 16)[0]), (await reader.ReadAsync(new[] { id }, default))[0]!.Value.ToArray());
        await server.KillAsync();
        var away = await Assert.ThrowsAsync<RedisUnavailableException>(async () => await reader.ReadAsync(new[] { id }, default));
        Assert.Contains("start redis-server", away.Message);
        await server.StartAsync();
        Assert.Single(await reader.ReadAsync(new[] { id }, default));
    }

    [Fact]
    public async Task AWipedRedisIsToldAndStreamsBeginAgain()
    {
        await using var server = await RedisServer.StartAsync();
        await using var store = await RedisChunkStore.OpenAsync(server.Options(), TimeProvider.System, default);
        await using var buffer = await ReplayBuffer.OpenAsync(store, Small, TimeProvider.System, default);
        buffer.UseSchema(Given.Schema);
        buffer.Attach(Given.Hello(batch: 1, ratio: 2));
        foreach (var chunk in Given.Chunks(1, 16 * 5))
        {
            await buffer.AppendAsync(chunk, default);
        }

        var before = store.Epoch;
        await server.KillAsync();
        server.Wipe();
        await server.StartAsync();
        await Sender.SendAsync(buffer, Given.Chunks(2, 16 * 3));
        var status = buffer.Status();
        Assert.Equal((5L, 3L, 48L), (status.LostChunks, status.Chunks, status.InsertedSteps));
        Assert.Equal(0, buffer.NextSequence(Given.Stream(1)));
        Assert.Equal(before, store.Epoch);

        // Counting began anew, and a plan can be drawn.
        Assert.Equal(8 + (2 * 32), status.Credit);
        Assert.All((await buffer.SampleAsync(default)).Chunks, id => Assert.True(id > before << 32));
    }

    /// <summary>Repeats what fails while the store is away.</summary>
    private static async Task<T> Persist<T>(Func<Task<T>> action)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (true)
        {
            try
            {
                return await action();
            }
            catch (StoreUnavailableException)
            {
                await Task.Delay(20, patience.Token);
            }
        }
    }
}
