using Dreamer.Spaces;

namespace Dreamer.Experience.Tests;

/// <summary>What a buffer accepts, refuses, evicts and tells.</summary>
public sealed class ReplayBufferTests
{
    private static readonly ReplayOptions Small = new() { ChunkSteps = 16 };

    [Fact]
    public async Task RepeatsAndGapsChangeNothing()
    {
        await using var buffer = await Given.OpenBuffer(Small);
        var chunks = Given.Chunks(1, 64);
        Assert.Equal(new AppendResult(CommitOutcome.Gap, 0, 0), await buffer.AppendAsync(chunks[1], default));
        Assert.Equal(new AppendResult(CommitOutcome.Committed, 1, 1), await buffer.AppendAsync(chunks[0], default));
        Assert.Equal(new AppendResult(CommitOutcome.Duplicate, 1, 0), await buffer.AppendAsync(chunks[0], default));
        Assert.Equal(new AppendResult(CommitOutcome.Gap, 1, 0), await buffer.AppendAsync(chunks[3], default));
        var status = buffer.Status();
        Assert.Equal((16L, 1L, 1L, 2L), (status.InsertedSteps, status.Chunks, status.Duplicates, status.Gaps));
        Assert.Equal(1, buffer.NextSequence(Given.Stream(1)));
    }

    [Fact]
    public async Task EvictionKeepsWhatPlansReadUntilTheyAreReleased()
    {
        await using var buffer = await Given.OpenBuffer(Small with { CapacitySteps = 64 });
        buffer.Attach(Given.Hello(batch: 1, length: 9, ratio: 100));
        var chunks = Given.Chunks(1, 320);
        await buffer.AppendAsync(chunks[0], default);
        var plan = await buffer.SampleAsync(default);
        foreach (var chunk in chunks.Skip(1).Take(10))
        {
            await buffer.AppendAsync(chunk, default);
        }

        Assert.Equal([1], plan.Chunks.ToArray());
        Assert.NotNull((await buffer.ReadAsync(plan with { Chunks = [1] }, default))[0]);
        Assert.Null((await buffer.ReadAsync(plan with { Chunks = [2] }, default))[0]);
        buffer.Release(plan.Id);
        await buffer.AppendAsync(chunks[11], default);
        Assert.Null((await buffer.ReadAsync(plan with { Chunks = [1] }, default))[0]);
        var status = buffer.Status();
        Assert.Equal((64L, 8L, 0), (status.Steps, status.EvictedChunks, status.OutstandingPlans));
    }

    [Fact]
    public async Task ACapacityInBytesHolds()
    {
        var one = Given.Encode(Given.Chunks(1, 16)[0]).Length;
        await using var buffer = await Given.OpenBuffer(Small with { CapacityBytes = one * 3 });
        foreach (var chunk in Given.Chunks(1, 160))
        {
            await buffer.AppendAsync(chunk, default);
            Assert.InRange(buffer.Status().Bytes, 1, one * 3);
        }
    }

    [Fact]
    public async Task InvalidChunksAreRefusedWithoutATrace()
    {
        await using var buffer = await Given.OpenBuffer(Small);
        var good = Given.Chunks(1, 16)[0];
        await Refused(buffer, Change(good, "reward", column => BitConverter.TryWriteBytes(column.AsSpan(8), float.NaN)), "'reward'");
        await Refused(buffer, Change(good, "vector", column => BitConverter.TryWriteBytes(column.AsSpan(4 * 79), float.NegativeInfinity)), "'vector'");
        await Refused(buffer, Change(good, "is_last", column => column[3] = 2), "'is_last'");
        await Refused(buffer, Change(good, "is_first", column => column[0] = 0), "is_first");
        await Refused(buffer, Copy(good, columns: [.. good.Columns.Select((column, index) => index == 0 ? column[..^1] : column)]), "'image'");
        await Refused(buffer, Copy(good, steps: 17), "replay.chunk_steps");
        await Refused(buffer, Copy(good, hash: 1), "schema");
        Assert.Equal(7, buffer.Status().Refused);
        Assert.Equal(0, buffer.Status().Chunks + buffer.NextSequence(good.Stream));
        Assert.Equal(CommitOutcome.Committed, (await buffer.AppendAsync(good, default)).Outcome);
    }

    [Fact]
    public async Task ASchemaThatDiffersIsRefusedNamingTheKey()
    {
        var store = new MemoryChunkStore();
        var buffer = await ReplayBuffer.OpenAsync(store, Small, TimeProvider.System, default);
        buffer.UseSchema(Given.Schema);
        await buffer.AppendAsync(Given.Chunks(1, 16)[0], default);

        // Also after a restart.
        buffer = await ReplayBuffer.OpenAsync(store, Small, TimeProvider.System, default);
        var wider = Schema.For(Given.Environment, [new TensorSpec("deter", DType.BFloat16, 7), Given.State[1]]);
        Assert.Contains("'deter'", Assert.Throws<SchemaMismatchException>(() => buffer.UseSchema(wider)).Message);
        var missing = Schema.For(Given.Environment, [Given.State[0]]);
        Assert.Contains("'stoch'", Assert.Throws<SchemaMismatchException>(() => buffer.UseSchema(missing)).Message);
        buffer.UseSchema(Schema.For(Given.Environment, Given.State));
    }

    [Fact]
    public async Task WhatAnEnvironmentTellsOfAnEpisodeArrivesAsItWasAtTheLastRecord()
    {
        await using var buffer = await Given.OpenBuffer(Small);
        buffer.Attach(Given.Hello(batch: 1, ratio: 8));
        EpisodeFact[] facts = [new("depth", 1)];
        var builder = new ChunkBuilder(Given.Schema, Given.Stream(1), chunkSteps: 16);
        var step = new TimeStep(Given.Environment) { Facts = facts };
        for (var position = 0; position < 16; position++)
        {
            facts[0] = new EpisodeFact("depth", position);
            Given.Fill(step, 1, position, episode: 10);
            builder.Add(step, Given.Action(position), Given.StateBytes(1, position), policyVersion: 0);
        }

        await buffer.AppendAsync(builder.TakeFull()!, default);
        var episode = Assert.Single((await buffer.SampleAsync(default)).Episodes);
        Assert.Equal([new EpisodeFact("depth", 9)], episode.Facts!);
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("Depth", 1)]
    [InlineData("depth\n", 1)]
    [InlineData("depth", double.NaN)]
    public async Task FactsThatNobodyCouldLogAreRefused(string name, double value)
    {
        await using var buffer = await Given.OpenBuffer(Small);
        var chunk = Given.Chunks(1, 16)[0];
        var told = chunk with { Episodes = [chunk.Episodes[0] with { Facts = [new EpisodeFact(name, value)] }] };
        var error = await Assert.ThrowsAsync<InvalidChunkException>(async () => await buffer.AppendAsync(told, default));
        Assert.Contains("names take up to 64 of a-z", error.Message);
        var many = chunk with { Episodes = [chunk.Episodes[0] with { Facts = [.. Enumerable.Repeat(new EpisodeFact("a", 1), 65)] }] };
        await Assert.ThrowsAsync<InvalidChunkException>(async () => await buffer.AppendAsync(many, default));
    }

    [Fact]
    public async Task FinishedEpisodesArriveOnceWithTheNextPlan()
    {
        await using var buffer = await Given.OpenBuffer(Small);
        buffer.Attach(Given.Hello(batch: 1, ratio: 8));
        var chunks = Given.Chunks(1, 32);
        await buffer.AppendAsync(chunks[0], default);
        Assert.Equal([new FinishedEpisode(10, 9, 9)], (await buffer.SampleAsync(default)).Episodes.ToArray());
        await buffer.AppendAsync(chunks[1], default);
        Assert.Equal([new FinishedEpisode(20, 9, 9), new FinishedEpisode(30, 9, 9)], (await buffer.SampleAsync(default)).Episodes.ToArray());
        Assert.Empty((await buffer.SampleAsync(default)).Episodes);
    }

    private static async Task Refused(ReplayBuffer buffer, Chunk chunk, string names)
    {
        var error = await Assert.ThrowsAsync<InvalidChunkException>(async () => await buffer.AppendAsync(chunk, default));
        Assert.Contains(names, error.Message);
    }

    private static Chunk Change(Chunk chunk, string key, Action<byte[]> change)
    {
        var index = Given.Schema.IndexOf(key);
        var column = chunk.Columns[index].ToArray();
        change(column);
        return Copy(chunk, columns: [.. chunk.Columns.Select((old, at) => at == index ? column : old)]);
    }

    private static Chunk Copy(Chunk chunk, ReadOnlyMemory<byte>[]? columns = null, int? steps = null, ulong? hash = null) => new()
    {
        Stream = chunk.Stream,
        Sequence = chunk.Sequence,
        Steps = steps ?? chunk.Steps,
        SchemaHash = hash ?? chunk.SchemaHash,
        Columns = columns ?? chunk.Columns,
        Episodes = chunk.Episodes,
    };
}
