using System.Diagnostics;
using Dreamer.Spaces;

namespace Dreamer.Experience;

/// <summary>Ingest and batches of 64x64x3 images that do not compress, in one process, beside plain copies of as many bytes.</summary>
public static class ReplayBenchmark
{
    private const int ChunkSteps = 64;
    private const int BatchSize = 16;
    private const int Length = 65;

    /// <summary>Measures a store; about half a gigabyte of memory and a few seconds.</summary>
    /// <param name="store">Empty; disposed here.</param>
    /// <param name="name">First part of the figures' names.</param>
    /// <param name="cancellation">Ends the measurement.</param>
    public static async Task<IReadOnlyList<BenchmarkFigure>> RunAsync(IChunkStore store, string name, CancellationToken cancellation)
    {
        const int ingested = 400;
        const int drawn = 200;
        var environment = new EnvironmentSpec(new ActionSpec(ActionKind.Discrete, 4), new TensorSpec("image", DType.UInt8, 64, 64, 3));
        var schema = Schema.For(environment, []);
        await using var buffer = await ReplayBuffer.OpenAsync(
            store, new ReplayOptions { ChunkSteps = ChunkSteps, CapacityBytes = 256L << 20, OnlineQueue = false }, TimeProvider.System, cancellation);
        buffer.Attach(new LearnerHello(schema, BatchSize, Length, 1, TrainRatio: 1e6, Seed: 1));
        var columns = Columns(schema);

        var watch = Stopwatch.StartNew();
        for (var sequence = 0; sequence < ingested; sequence++)
        {
            await buffer.AppendAsync(
                new Chunk { Stream = new StreamId(1), Sequence = sequence, Steps = ChunkSteps, SchemaHash = schema.Hash, Columns = columns }, cancellation);
        }

        var ingest = ingested / watch.Elapsed.TotalSeconds;

        var assembler = new BatchAssembler(schema, BatchSize, Length);
        await DrawAsync(buffer, assembler, cancellation);
        var allocated = GC.GetTotalAllocatedBytes();
        watch.Restart();
        for (var batch = 0; batch < drawn; batch++)
        {
            await DrawAsync(buffer, assembler, cancellation);
        }

        var batches = drawn / watch.Elapsed.TotalSeconds;
        allocated = GC.GetTotalAllocatedBytes() - allocated;
        var copy = CopyBytesPerSecond(schema.StepBytes * Length);
        return
        [
            new($"{name}_ingest_chunks", ingest, "chunks/s", copy / (schema.StepBytes * ChunkSteps)),
            new($"{name}_ingest_steps", ingest * ChunkSteps, "steps/s", copy / schema.StepBytes),
            new($"{name}_batches", batches, "batches/s", copy / (schema.StepBytes * BatchSize * Length)),
            new($"{name}_batch_bytes", batches * schema.StepBytes * BatchSize * Length / 1e6, "MB/s", copy / 1e6),
            new($"{name}_allocated_per_batch", allocated / (double)drawn, "By", null),
        ];
    }

    private static async Task DrawAsync(ReplayBuffer buffer, BatchAssembler assembler, CancellationToken cancellation)
    {
        var plan = await buffer.SampleAsync(cancellation);
        assembler.Assemble(plan, await buffer.ReadAsync(plan.Chunks.AsMemory(), cancellation));
        buffer.Release(plan.Id);
    }

    private static ReadOnlyMemory<byte>[] Columns(Schema schema)
    {
        var columns = schema.Tensors.Select(tensor => new byte[tensor.Bytes * ChunkSteps]).ToArray();
        new Random(1).NextBytes(columns[0]);
        columns[schema.IsFirstIndex][0] = 1;
        return [.. columns.Select(column => (ReadOnlyMemory<byte>)column)];
    }

    /// <summary>Bytes per second of copies of <paramref name="window"/> bytes from all over a big buffer into a batch.</summary>
    private static double CopyBytesPerSecond(int window)
    {
        const int repeats = 50;
        var source = new byte[256 << 20];
        Array.Fill(source, (byte)1);
        var batch = new byte[window * BatchSize];
        Array.Fill(batch, (byte)1);
        var random = new SampleRandom(1);
        var watch = Stopwatch.StartNew();
        for (var copy = 0; copy < repeats * BatchSize; copy++)
        {
            source.AsSpan((int)random.Next(source.Length - window), window).CopyTo(batch.AsSpan(window * (copy % BatchSize)));
        }

        return repeats * (double)batch.Length / watch.Elapsed.TotalSeconds;
    }
}
