namespace Dreamer.Experience.Tests;

public sealed class JournaledChunkStoreTests : ChunkStoreContract, IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task ATornTailIsCutOffWhereverItIsTorn()
    {
        var store = Open(1 << 20);
        foreach (var chunk in Given.Chunks(1, 64))
        {
            await store.Commit(chunk);
        }

        await store.DisposeAsync();
        var file = Assert.Single(Segments());
        var whole = File.ReadAllBytes(file);
        var random = new Random(1);
        for (var trial = 0; trial < 30; trial++)
        {
            var torn = whole[..random.Next(whole.Length)];
            if (trial % 2 == 1)
            {
                // A damaged byte ends the journal as well.
                torn = [.. whole];
                torn[random.Next(whole.Length)] ^= 0x10;
            }

            File.WriteAllBytes(file, torn);
            await using var recovered = Open(1 << 20);
            var records = (await recovered.RecoverAsync(default)).Records;
            Assert.True(records.Length < 4);
            Assert.NotNull(recovered.JournalDamage ?? (torn.Length == 0 ? "" : null));
            Assert.Equal(Enumerable.Range(0, records.Length).Select(sequence => (long)sequence), records.Select(record => record.Sequence));

            // The actor sends the rest again.
            foreach (var chunk in Given.Chunks(1, 64).Skip(records.Length))
            {
                Assert.Equal(CommitOutcome.Committed, (await recovered.Commit(chunk)).Outcome);
            }

            await recovered.DisposeAsync();
            await using var again = Open(1 << 20);
            Assert.Equal(4, (await again.RecoverAsync(default)).Records.Length);
            await again.DisposeAsync();
            foreach (var extra in Segments().Where(path => path != file))
            {
                File.Delete(extra);
            }
        }
    }

    [Fact]
    public async Task SegmentsWithoutAChunkLeftAreDeleted()
    {
        await using var store = Open(1);
        var ids = new List<long>();
        foreach (var chunk in Given.Chunks(1, 160))
        {
            ids.Add((await store.Commit(chunk)).Id);
        }

        await store.FlushAsync(default);
        Assert.Equal(10, Segments().Length);
        await store.EvictAsync(ids[1..8], default);
        Assert.Equal(10, Segments().Length);
        await store.EvictAsync([ids[0]], default);
        Assert.Equal(2, Segments().Length);
        await store.DisposeAsync();
        await using var recovered = Open(1);
        var snapshot = await recovered.RecoverAsync(default);
        Assert.Equal(ids[8..], snapshot.Records.Select(record => record.Id));
        Assert.Equal((160, 10), (snapshot.TotalSteps, snapshot.NextSequences[Given.Stream(1)]));
    }

    [Fact]
    public async Task ADirectoryServesOneProcess()
    {
        await using var store = Open(1 << 20);
        Assert.Contains("choose another logdir", Assert.Throws<StoreUnavailableException>(() => Open(1 << 20)).Message);
    }

    [Fact]
    public async Task DiskWritesAreBatchedByTime()
    {
        var time = new FakeTime();
        await using var store = MemoryChunkStore.OpenJournaled(_directory.Path, time);
        var first = await store.Commit(Given.Chunks(1, 32)[0]);
        Assert.Equal(0, await store.DurableAsync(default));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(first.Id, await store.DurableAsync(default));
    }

    [Fact]
    public async Task AnEmbeddedRunResumesWithReplayAndLimiter()
    {
        var options = new ReplayOptions { ChunkSteps = 16 };
        var chunks = Given.Chunks(1, 320);
        BatchPlan plan;
        await using (var replay = new LocalReplay(await ReplayBuffer.OpenAsync(Open(4096), options, TimeProvider.System, default)))
        {
            await replay.OpenAsync(Given.Schema, default);
            await replay.AttachAsync(Given.Hello(batch: 1, ratio: 2), default);
            foreach (var chunk in chunks.Take(5))
            {
                await replay.Buffer.AppendAsync(chunk, default);
            }

            plan = await replay.SampleAsync(default);
            await replay.FlushAsync(default);
        }

        await using var resumed = new LocalReplay(await ReplayBuffer.OpenAsync(Open(4096), options, TimeProvider.System, default));
        Assert.Equal(Given.Schema, resumed.Buffer.Schema);
        var welcome = await resumed.AttachAsync(Given.Hello(batch: 1, ratio: 2, replayed: plan.ReplayedSteps, draws: plan.Draws), default);

        // One batch at the start, two per step of the four chunks after it, less the one drawn.
        Assert.Equal((80, 80 - 8, 8 + (2 * 64) - 8), (welcome.InsertedSteps, welcome.Items, welcome.Credit));
        Assert.Equal(5, resumed.Buffer.NextSequence(Given.Stream(1)));
    }

    protected override Task<IChunkStore> OpenAsync() => Task.FromResult<IChunkStore>(Open(2048));

    protected override async ValueTask<IChunkStore> ReopenAsync(IChunkStore store)
    {
        await store.DisposeAsync();
        return Open(2048);
    }

    private MemoryChunkStore Open(long segmentBytes) => MemoryChunkStore.OpenJournaled(_directory.Path, TimeProvider.System, segmentBytes);

    private string[] Segments() => Directory.GetFiles(_directory.Path, "*.segment");
}
