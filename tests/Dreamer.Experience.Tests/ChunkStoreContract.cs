namespace Dreamer.Experience.Tests;

/// <summary>What every store owes, run for each of them.</summary>
public abstract class ChunkStoreContract
{
    /// <summary>Opens the store of this test: the first time empty, later on what it held.</summary>
    protected abstract Task<IChunkStore> OpenAsync();

    /// <summary>Ends a store as a clean exit of the process does; a memory store cannot be left.</summary>
    protected abstract ValueTask<IChunkStore> ReopenAsync(IChunkStore store);

    [Fact]
    public async Task BeginsEmpty()
    {
        await using var store = await OpenAsync();
        var snapshot = await store.RecoverAsync(default);
        Assert.Empty(snapshot.Records);
        Assert.Empty(snapshot.NextSequences);
        Assert.Equal((0, 0), (snapshot.TotalSteps, snapshot.Meta.Length));
    }

    [Fact]
    public async Task ReadsBackWhatWasCommittedInTheOrderAsked()
    {
        await using var store = await Recovered();
        var chunks = Given.Chunks(1, 48);
        var ids = new List<long>();
        foreach (var chunk in chunks)
        {
            var result = await store.Commit(chunk);
            Assert.Equal((CommitOutcome.Committed, chunk.Sequence + 1), (result.Outcome, result.NextSequence));
            ids.Add(result.Id);
        }

        Assert.Equal(ids.Order(), ids);
        var payloads = await store.ReadAsync(new[] { ids[2], 77, ids[0] }, default);
        Assert.Equal(Given.Encode(chunks[2]), payloads[0]!.Value.ToArray());
        Assert.Null(payloads[1]);
        Assert.Equal(Given.Encode(chunks[0]), payloads[2]!.Value.ToArray());
    }

    [Fact]
    public async Task RepeatsAndGapsStoreNothing()
    {
        await using var store = await Recovered();
        var chunks = Given.Chunks(1, 64);
        Assert.Equal((CommitOutcome.Gap, 0L), Answer(await store.Commit(chunks[2])));
        await store.Commit(chunks[0]);
        await store.Commit(chunks[1]);
        Assert.Equal((CommitOutcome.Duplicate, 2L), Answer(await store.Commit(chunks[0])));
        Assert.Equal((CommitOutcome.Duplicate, 2L), Answer(await store.Commit(chunks[1])));
        Assert.Equal((CommitOutcome.Gap, 2L), Answer(await store.Commit(chunks[3])));
        Assert.Equal((CommitOutcome.Committed, 3L), Answer(await store.Commit(chunks[2])));
        var snapshot = await store.RecoverAsync(default);
        Assert.Equal([0, 1, 2], snapshot.Records.Select(record => record.Sequence));
        Assert.Equal(48, snapshot.TotalSteps);
    }

    [Fact]
    public async Task RecoversRecordsMarksTotalsAndMeta()
    {
        var store = await Recovered();
        var ids = new List<long>();
        foreach (var chunk in Given.Chunks(1, 40, end: true).Concat(Given.Chunks(2, 32)))
        {
            ids.Add((await store.Commit(chunk)).Id);
        }

        await store.SaveMetaAsync("one"u8.ToArray(), default);
        await store.SaveMetaAsync("two"u8.ToArray(), default);
        await store.EvictAsync([ids[0], ids[3]], default);
        await store.FlushAsync(default);
        store = await ReopenAsync(store);
        var snapshot = await store.RecoverAsync(default);
        Assert.Equal([ids[1], ids[2], ids[4]], snapshot.Records.Select(record => record.Id));
        var last = snapshot.Records[1];
        Assert.Equal((2L, 8, true, Given.Stream(1)), (last.Sequence, last.Steps, last.EndsStream, last.Stream));
        Assert.Equal(Given.Encode(Given.Chunks(1, 40, end: true)[2]).Length, last.Bytes);
        Assert.Equal([3, 13], snapshot.Records[0].Ends.ToArray());
        Assert.Equal([7], last.Ends.ToArray());
        Assert.Equal([(Given.Stream(1), 3L), (Given.Stream(2), 2L)], snapshot.NextSequences.Select(pair => (pair.Key, pair.Value)).OrderBy(pair => pair.Value == 2));
        Assert.Equal(72, snapshot.TotalSteps);
        Assert.Equal("two"u8.ToArray(), snapshot.Meta.ToArray());
        Assert.Equal((CommitOutcome.Duplicate, 2L), Answer(await store.Commit(Given.Chunks(2, 32)[1])));
        var next = await store.Commit(Given.Chunks(2, 48)[2]);
        Assert.True(next.Id > ids[^1]);
        var payloads = await store.ReadAsync(new[] { ids[0], ids[1], next.Id }, default);
        Assert.Equal([false, true, true], payloads.Select(payload => payload.HasValue));
        await store.DisposeAsync();
    }

    [Fact]
    public async Task EvictedChunksAreGoneAndAClosedStreamIsForgottenWithItsLast()
    {
        await using var store = await Recovered();
        var first = await store.Commit(Given.Chunks(1, 20, end: true)[0]);
        var second = await store.Commit(Given.Chunks(1, 20, end: true)[1]);
        var open = await store.Commit(Given.Chunks(2, 16)[0]);
        await store.EvictAsync([first.Id, open.Id, 999], default);
        Assert.Null((await store.ReadAsync(new[] { first.Id }, default))[0]);
        Assert.Equal(2, (await store.RecoverAsync(default)).NextSequences.Count);
        await store.EvictAsync([second.Id], default);
        var snapshot = await store.RecoverAsync(default);
        Assert.Empty(snapshot.Records);
        Assert.Equal([Given.Stream(2)], snapshot.NextSequences.Keys);
        Assert.Equal(36, snapshot.TotalSteps);
    }

    [Fact]
    public async Task FlushedCommitsAreDurable()
    {
        await using var store = await Recovered();
        await store.Commit(Given.Chunks(1, 32)[0]);
        var last = await store.Commit(Given.Chunks(1, 32)[1]);
        await store.FlushAsync(default);
        Assert.Equal(last.Id, await store.DurableAsync(default));
    }

    private static (CommitOutcome, long) Answer(AppendResult result) => (result.Outcome, result.NextSequence);

    private async Task<IChunkStore> Recovered()
    {
        var store = await OpenAsync();
        await store.RecoverAsync(default);
        return store;
    }
}
