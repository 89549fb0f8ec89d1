namespace Dreamer.Experience.Tests;

// Alone, because arrays are recycled by the whole process.
[CollectionDefinition(nameof(MemoryChunkStoreTests), DisableParallelization = true)]
[Collection(nameof(MemoryChunkStoreTests))]
public sealed class MemoryChunkStoreTests : ChunkStoreContract
{
    [Fact]
    public async Task WhatIsBeingReadOutlivesItsEviction()
    {
        await using var store = new MemoryChunkStore();
        var first = Encoded(Given.WideChunks(32, stream: 1)[0]);
        var id = (await store.CommitAsync(first.Record, first.Bytes, default)).Id;
        using (var payloads = await store.ReadAsync(new[] { id }, default))
        {
            await store.EvictAsync([id], default);
            for (var stream = 2; stream < 6; stream++)
            {
                var other = Encoded(Given.WideChunks(32, stream: stream)[0]);
                await store.CommitAsync(other.Record, other.Bytes, default);
            }

            Assert.Equal(first.Bytes, payloads[0]!.Value.ToArray());
        }

        static (ChunkRecord Record, byte[] Bytes) Encoded(Chunk chunk)
        {
            var bytes = ChunkCodec.Encode(chunk, Given.Wide, ChunkCompression.None);
            return (Given.Record(chunk, bytes), bytes);
        }
    }

    [Fact]
    public async Task AFullReplayTakesNoNewMemory()
    {
        await using var buffer = await ReplayBuffer.OpenAsync(
            new MemoryChunkStore(), new ReplayOptions { ChunkSteps = 32, CapacitySteps = 64, Compression = ChunkCompression.None }, TimeProvider.System, default);
        buffer.UseSchema(Given.Wide);
        var builder = new ChunkBuilder(Given.Wide, Given.Stream(1), 32);
        var step = new Spaces.TimeStep(Given.WideEnvironment);
        var before = 0L;
        for (var position = 0; position < 32 * 40; position++)
        {
            before = position == 32 * 10 ? GC.GetAllocatedBytesForCurrentThread() : before;
            Given.Fill(step, 1, position, 10);
            builder.Add(step, Given.Action(position), Given.StateBytes(1, position), 0);
            if (builder.TakeFull() is { } chunk)
            {
                await buffer.AppendAsync(chunk, default);
                chunk.Release();
            }
        }

        // Thirty chunks of 100 KB.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_500_000);
    }

    protected override Task<IChunkStore> OpenAsync() => Task.FromResult<IChunkStore>(new MemoryChunkStore());

    protected override ValueTask<IChunkStore> ReopenAsync(IChunkStore store) => ValueTask.FromResult(store);
}
