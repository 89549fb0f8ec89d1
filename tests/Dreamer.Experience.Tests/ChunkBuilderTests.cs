using Dreamer.Spaces;

namespace Dreamer.Experience.Tests;

public sealed class ChunkBuilderTests
{
    private const int ChunkSteps = 16;

    /// <summary>However many steps a stream has, its last chunk says that it is the last, and no other does.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(ChunkSteps - 1)]
    [InlineData(ChunkSteps)]
    [InlineData(ChunkSteps + 1)]
    [InlineData(3 * ChunkSteps)]
    public void The_last_chunk_alone_ends_the_stream(int steps)
    {
        var chunks = Given.Chunks(stream: 1, steps, ChunkSteps, end: true);

        Assert.Equal(steps, chunks.Sum(chunk => chunk.Steps));
        Assert.Equal(Enumerable.Range(0, chunks.Count).Select(sequence => (long)sequence), chunks.Select(chunk => chunk.Sequence));
        Assert.All(chunks[..^1], chunk => Assert.Equal((ChunkSteps, false), (chunk.Steps, chunk.EndsStream)));
        Assert.True(chunks[^1].EndsStream);
    }

    [Fact]
    public async Task A_stream_that_ends_with_a_full_chunk_in_the_middle_of_an_episode_is_abandoned_there()
    {
        await using var buffer = await ReplayBuffer.OpenAsync(
            new MemoryChunkStore(), new ReplayOptions { ChunkSteps = ChunkSteps, Compression = ChunkCompression.None }, TimeProvider.System, default);
        buffer.UseSchema(Given.Schema);
        foreach (var chunk in Given.Chunks(stream: 1, 2 * ChunkSteps, ChunkSteps, episode: 100, end: true))
        {
            await buffer.AppendAsync(chunk, default);
        }

        buffer.Attach(Given.Hello(batch: 1, length: 2 * ChunkSteps, ratio: 8, minItems: 1));
        Assert.True(Assert.Single((await buffer.SampleAsync(default)).Windows).Abandoned);
    }

    [Fact]
    public void A_full_chunk_must_be_taken_and_none_is_there_before()
    {
        var builder = new ChunkBuilder(Given.Schema, Given.Stream(1), chunkSteps: 2);
        var step = new TimeStep(Given.Environment);
        Assert.Null(builder.End());
        for (var position = 0; position < 2; position++)
        {
            Assert.Null(builder.TakeFull());
            Given.Fill(step, 1, position, episode: 10);
            builder.Add(step, Given.Action(position), Given.StateBytes(1, position), policyVersion: 0);
        }

        Assert.Throws<InvalidOperationException>(() => builder.Add(step, Given.Action(2), Given.StateBytes(1, 2), policyVersion: 0));
        Assert.Equal(2, builder.TakeFull()!.Steps);
        Assert.Null(builder.TakeFull());
    }
}
