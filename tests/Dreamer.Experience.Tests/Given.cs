using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Dreamer.Spaces;

namespace Dreamer.Experience.Tests;

/// <summary>Made-up steps whose every byte follows from stream, position and column, so that any mix-up shows.</summary>
internal static class Given
{
    public static readonly EnvironmentSpec Environment = new(
        new ActionSpec(ActionKind.Discrete, 3),
        new TensorSpec("image", DType.UInt8, 8, 8, 3),
        new TensorSpec("vector", DType.Float32, 5));

    public static readonly ImmutableArray<TensorSpec> State =
        [new TensorSpec("deter", DType.BFloat16, 6), new TensorSpec("stoch", DType.UInt8, 4)];

    public static readonly Schema Schema = Schema.For(Environment, State);

    // Images large enough that a window skips some of a chunk, and that a chunk is two values.
    public static readonly EnvironmentSpec WideEnvironment = new(
        new ActionSpec(ActionKind.Discrete, 3), new TensorSpec("image", DType.UInt8, 32, 32, 3), new TensorSpec("vector", DType.Float32, 5));

    public static readonly Schema Wide = Schema.For(WideEnvironment, Given.State);

    public static StreamId Stream(int number) => new((UInt128)(uint)number + 1);

    /// <summary>A stream of episodes of <paramref name="episode"/> records.</summary>
    public static List<Chunk> Chunks(int stream, int steps, int chunkSteps = 16, int episode = 10, bool end = false, long policyVersion = 0)
    {
        var builder = new ChunkBuilder(Schema, Stream(stream), chunkSteps);
        var step = new TimeStep(Environment);
        var chunks = new List<Chunk>();
        for (var position = 0; position < steps; position++)
        {
            Fill(step, stream, position, episode);
            if (builder.TakeFull() is { } chunk)
            {
                chunks.Add(chunk);
            }

            builder.Add(step, Action(position), StateBytes(stream, position), policyVersion + position);
        }

        if ((end ? builder.End() : builder.TakeFull()) is { } last)
        {
            chunks.Add(last);
        }

        return chunks;
    }

    public static List<Chunk> WideChunks(int steps, int chunkSteps = 32, int stream = 1)
    {
        var builder = new ChunkBuilder(Wide, Stream(stream), chunkSteps);
        var step = new TimeStep(WideEnvironment);
        var chunks = new List<Chunk>();
        for (var position = 0; position < steps; position++)
        {
            Fill(step, stream, position, 10);
            builder.Add(step, Action(position), StateBytes(stream, position), position);
            if (builder.TakeFull() is { } chunk)
            {
                chunks.Add(chunk);
            }
        }

        return chunks;
    }

    public static void Fill(TimeStep step, int stream, int position, int episode)
    {
        step.Observations[0].AsSpan().Fill((byte)((stream * 31) + position));
        for (var index = 0; index < 5; index++)
        {
            step.Floats(1)[index] = (stream * 1000) + position + (index * 0.125f);
        }

        var within = position % episode;
        step.Set(within == 0 ? 0 : 1, within == 0, within == episode - 1, within == episode - 1);
    }

    public static float[] Action(int position)
    {
        var action = new float[3];
        action[position % 3] = 1;
        return action;
    }

    public static byte[][] StateBytes(int stream, int position) =>
    [
        [.. Enumerable.Range(0, 12).Select(index => (byte)(stream + position + index))],
        [.. Enumerable.Range(0, 4).Select(index => (byte)((position * 4) + index))],
    ];

    public static ChunkRecord Record(Chunk chunk, ReadOnlyMemory<byte> encoded) => new(
        0, chunk.Stream, chunk.Sequence, chunk.Steps, encoded.Length, chunk.EndsStream, false, [.. chunk.Episodes.Select(episode => episode.EndStep)]);

    public static byte[] Encode(Chunk chunk) => ChunkCodec.Encode(chunk, Schema, ChunkCompression.Auto);

    public static LearnerHello Hello(int batch = 4, int length = 9, int context = 1, double ratio = 2, ulong seed = 7, long? replayed = null, long draws = 0, long minItems = 0) =>
        new(Schema, batch, length, context, ratio, seed, replayed, draws, minItems);

    /// <summary>An empty buffer over memory that holds this schema.</summary>
    public static async Task<ReplayBuffer> OpenBuffer(ReplayOptions options)
    {
        var buffer = await ReplayBuffer.OpenAsync(new MemoryChunkStore(), options, TimeProvider.System, default);
        buffer.UseSchema(Schema);
        return buffer;
    }

    /// <summary>The position in its stream that a step of the batch shows.</summary>
    public static float FirstFloat(Batch batch, int row, int step) =>
        MemoryMarshal.Cast<byte, float>(batch["vector"].AsSpan())[((row * batch.Length) + step) * 5];

    public static async Task<AppendResult> Commit(this IChunkStore store, Chunk chunk)
    {
        var encoded = Encode(chunk);
        return await store.CommitAsync(Record(chunk, encoded), encoded, default);
    }
}
