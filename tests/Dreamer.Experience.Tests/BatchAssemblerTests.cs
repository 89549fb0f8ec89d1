using System.Runtime.InteropServices;
using Dreamer.Spaces;

namespace Dreamer.Experience.Tests;

public sealed class BatchAssemblerTests
{
    private const int Length = 37;

    [Theory]
    [InlineData(ChunkCompression.None)]
    [InlineData(ChunkCompression.Auto)]
    public async Task EqualsANaiveReference(ChunkCompression compression)
    {
        await using var buffer = await ReplayBuffer.OpenAsync(
            new MemoryChunkStore(), new ReplayOptions { ChunkSteps = 16, Compression = compression }, TimeProvider.System, default);
        buffer.Attach(Given.Hello(batch: 5, length: Length, context: 1, ratio: 20, minItems: 10));
        foreach (var chunk in Given.Chunks(1, 150, end: true).Concat(Given.Chunks(2, 60)))
        {
            await buffer.AppendAsync(chunk, default);
        }

        var assembler = new BatchAssembler(Given.Schema, 5, Length, verify: true);
        var rows = 0;
        while (buffer.Status().Credit >= 180)
        {
            var plan = await buffer.SampleAsync(default);
            var batch = assembler.Assemble(plan, (await buffer.ReadAsync(plan, default)).Span);
            for (var row = 0; row < 5; row++, rows++)
            {
                CheckRow(batch, plan.Windows[row], row);
            }
        }

        Assert.True(rows > 50);
    }

    [Fact]
    public async Task TheLastStepOfAnAbandonedStreamReadsAsLast()
    {
        foreach (var steps in new[] { 25, 30 })
        {
            await using var buffer = await ReplayBuffer.OpenAsync(new MemoryChunkStore(), new ReplayOptions { ChunkSteps = 16 }, TimeProvider.System, default);
            buffer.Attach(Given.Hello(batch: 1, length: 5, ratio: 1000));
            foreach (var chunk in Given.Chunks(1, steps, end: true))
            {
                await buffer.AppendAsync(chunk, default);
            }

            var assembler = new BatchAssembler(Given.Schema, 1, 5);
            var seen = false;
            for (var draw = 0; draw < 200; draw++)
            {
                var plan = await buffer.SampleAsync(default);
                var batch = assembler.Assemble(plan, (await buffer.ReadAsync(plan, default)).Span);
                buffer.Release(plan.Id);
                var position = (int)Given.FirstFloat(batch, 0, 4) - 1000;
                var natural = position % 10 == 9;
                seen |= position == steps - 1;
                Assert.Equal(natural || position == steps - 1, batch[Schema.IsLast][4] == 1);
                Assert.Equal(position == steps - 1 && !natural, plan.Windows[0].Abandoned);
            }

            Assert.True(seen);
        }
    }

    [Fact]
    public async Task MissingAndDamagedChunksAreNamed()
    {
        await using var buffer = await ReplayBuffer.OpenAsync(new MemoryChunkStore(), new ReplayOptions { ChunkSteps = 16 }, TimeProvider.System, default);
        buffer.Attach(Given.Hello(batch: 1, length: 9));
        await buffer.AppendAsync(Given.Chunks(1, 16)[0], default);
        var plan = await buffer.SampleAsync(default);
        var payloads = await buffer.ReadAsync(plan, default);
        var damaged = payloads[0]!.Value.ToArray();
        damaged[^1] ^= 1;
        var assembler = new BatchAssembler(Given.Schema, 1, 9, verify: true);
        Assert.Contains("'stoch'", Assert.Throws<InvalidChunkException>(() => assembler.Assemble(plan, [damaged])).Message);
        Assert.Equal(1, Assert.Throws<MissingChunkException>(() => assembler.Assemble(plan, [null])).Id);
    }

    [Fact]
    public async Task AssemblingAllocatesNothing()
    {
        await using var buffer = await ReplayBuffer.OpenAsync(new MemoryChunkStore(), new ReplayOptions { ChunkSteps = 16 }, TimeProvider.System, default);
        buffer.Attach(Given.Hello(batch: 4, length: Length, ratio: 100));
        foreach (var chunk in Given.Chunks(1, 320))
        {
            await buffer.AppendAsync(chunk, default);
        }

        var plan = await buffer.SampleAsync(default);
        var payloads = await buffer.ReadAsync(plan, default);
        var assembler = new BatchAssembler(Given.Schema, 4, Length);
        assembler.Assemble(plan, payloads.Span);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var repeat = 0; repeat < 50; repeat++)
        {
            assembler.Assemble(plan, payloads.Span);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public async Task CarriesAreRememberedByStepUntilTheCacheIsFull()
    {
        await using var buffer = await ReplayBuffer.OpenAsync(
            new MemoryChunkStore(), new ReplayOptions { ChunkSteps = 16, OnlineQueue = false }, TimeProvider.System, default);
        buffer.Attach(Given.Hello(batch: 3, length: 9, ratio: 1000));
        foreach (var chunk in Given.Chunks(1, 160))
        {
            await buffer.AppendAsync(chunk, default);
        }

        var cache = new CarryCache(16 * 16 * 6, Given.Schema, 16);
        var assembler = new BatchAssembler(Given.Schema, 3, 9);
        var known = new Dictionary<StepRef, byte>();
        var order = new List<long>();
        long hits = 0;
        for (var update = 1; update <= 200; update++)
        {
            var plan = await buffer.SampleAsync(default);
            var batch = assembler.Assemble(plan, (await buffer.ReadAsync(plan, default)).Span);
            buffer.Release(plan.Id);
            var recorded = batch.State.Select(state => state.ToArray()).ToArray();
            cache.Overlay(batch);
            for (var row = 0; row < 3; row++)
            {
                var fresh = known.TryGetValue(batch.Steps[row * 9], out var value) ? value : (byte?)null;
                hits += fresh is null ? 0 : 1;
                for (var tensor = 0; tensor < 2; tensor++)
                {
                    var size = Given.State[tensor].Bytes;
                    var expected = fresh is { } filled ? Enumerable.Repeat((byte)(filled + tensor), size) : recorded[tensor].Skip(row * size).Take(size);
                    Assert.Equal(expected, batch.State[tensor].Skip(row * size).Take(size));
                }
            }

            // The state computed for every step after the context: this update's number.
            cache.Put(batch, [.. Given.State.Select((tensor, index) => Enumerable.Repeat((byte)(update + index), 3 * 8 * tensor.Bytes).ToArray())]);
            for (var step = 0; step < batch.Steps.Length; step++)
            {
                if (step % 9 > 0)
                {
                    Remember(batch.Steps[step], (byte)update);
                }
            }
        }

        Assert.Equal(6, cache.Chunks);
        Assert.Equal((hits, 600 - hits), (cache.Hits, cache.Misses));
        Assert.True(hits > 100);

        void Remember(StepRef step, byte value)
        {
            if (!order.Contains(step.Chunk))
            {
                order.Add(step.Chunk);
                if (order.Count > 6)
                {
                    foreach (var gone in known.Keys.Where(key => key.Chunk == order[0]).ToList())
                    {
                        known.Remove(gone);
                    }

                    order.RemoveAt(0);
                }
            }

            known[step] = value;
        }
    }

    private static void CheckRow(Batch batch, Window window, int row)
    {
        var start = Given.FirstFloat(batch, row, 0);
        var stream = (int)start / 1000;
        var first = (int)start % 1000;
        var expected = new TimeStep(Given.Environment);
        for (var step = 0; step < Length; step++)
        {
            var position = first + step;
            Given.Fill(expected, stream, position, 10);
            var at = (row * Length) + step;
            Assert.Equal(expected.Observations[0], batch["image"].AsSpan(at * 192, 192).ToArray());
            Assert.Equal(expected.Observations[1], batch["vector"].AsSpan(at * 20, 20).ToArray());
            Assert.Equal(Given.Action(position), MemoryMarshal.Cast<byte, float>(batch[Schema.Action].AsSpan(at * 12, 12)).ToArray());
            Assert.Equal(expected.Reward, MemoryMarshal.Read<float>(batch[Schema.Reward].AsSpan(at * 4)));
            Assert.Equal(expected.IsFirst || step == 0, batch[Schema.IsFirst][at] == 1);
            Assert.Equal(expected.IsLast || (step == Length - 1 && window.Abandoned), batch[Schema.IsLast][at] == 1);
            Assert.Equal(expected.IsTerminal, batch[Schema.IsTerminal][at] == 1);
            Assert.Equal(position % 16, batch.Steps[at].Step);
        }

        Assert.Equal(window.Chunks[0], batch.Steps[row * Length].Chunk);
        Assert.Equal(Given.StateBytes(stream, first)[0], batch.State[0].AsSpan(row * 12, 12).ToArray());
        Assert.Equal(Given.StateBytes(stream, first)[1], batch.State[1].AsSpan(row * 4, 4).ToArray());
    }
}
