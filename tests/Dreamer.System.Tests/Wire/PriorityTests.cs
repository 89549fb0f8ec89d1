using System.Collections.Immutable;
using Dreamer.Contracts.Clients;
using Dreamer.Experience;
using Dreamer.Spaces;
using Dreamer.System.Tests.Processes;
using Microsoft.Extensions.Logging.Abstractions;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.System.Tests.Wire;

/// <summary>What a learner says of its steps, on its way to the replay service with the next call for a plan.</summary>
public sealed class PriorityTests
{
    private const int ChunkSteps = 16;
    private const int Chunks = 4;
    private static readonly Schema Schema = Schema.For(
        new EnvironmentSpec(ActionSpec.Parse("continuous:2"), new TensorSpec("vector", DType.Float32, 4)), ImmutableArray<TensorSpec>.Empty);

    [Fact]
    public async Task The_service_draws_what_its_own_learner_got_wrong_and_ignores_what_was_said_of_another_life()
    {
        await using var server = new ReplayServer(
            "--replay.online", "false", "--replay.selectors.uniform", "0", "--replay.selectors.prioritized", "1", "--replay.chunk_steps", $"{ChunkSteps}",
            "--limiter.pretrain_batches", "10");
        using var actor = server.OpenChannel("actor");
        using var learner = server.OpenChannel("learner");
        using var patience = new CancellationTokenSource(Until.Limit);
        await using var writer = new GrpcExperienceWriter(
            new V1.Experience.ExperienceClient(actor.Invoker), new WriterOptions("test"), TimeProvider.System, NullLogger<GrpcExperienceWriter>.Instance);
        await writer.OpenAsync(Schema, patience.Token);
        var stream = StreamId.NewRandom();
        for (var sequence = 0; sequence < Chunks; sequence++)
        {
            await writer.WriteAsync(Steps(stream, sequence), patience.Token);
        }

        await writer.FlushAsync(patience.Token);
        await using var replay = new GrpcReplay(
            new V1.Replay.ReplayClient(learner.Invoker), new MemoryChunkStore(), TimeProvider.System, NullLogger<GrpcReplay>.Instance);
        var welcome = await replay.AttachAsync(
            new LearnerHello(Schema, BatchSize: 1, Length: 8, Context: 1, TrainRatio: 1, Seed: 1), patience.Token);
        Assert.True(welcome.WantsPriorities);

        // One step is worth replaying, and all windows drawn hold it; a spent window is worth nothing until it is told again.
        for (var draw = 0; draw < 10; draw++)
        {
            await replay.PrioritizeAsync(replay.Instance, Worth(chunk: 2, step: 5), patience.Token);
            await replay.PrioritizeAsync(Guid.NewGuid(), Worth(chunk: 1, step: 8), patience.Token);
            var window = (await replay.SampleAsync(patience.Token)).Windows[0];
            Assert.InRange(((window.Chunks[0] - 1) * ChunkSteps) + window.Offset, ChunkSteps + 5 - 7, ChunkSteps + 5);
        }
    }

    private static ImmutableArray<StepPriorities> Worth(long chunk, int step) =>
    [
        .. Enumerable.Range(1, Chunks).Select(id => new StepPriorities(id, 0, [.. Enumerable.Range(0, ChunkSteps).Select(at => id == chunk && at == step ? 1f : 0)])),
    ];

    private static Chunk Steps(StreamId stream, long sequence)
    {
        var columns = Schema.Tensors.Select(tensor => new byte[tensor.Bytes * ChunkSteps]).ToArray();
        columns[Schema.IsFirstIndex][0] = sequence == 0 ? (byte)1 : (byte)0;
        return new Chunk
        {
            Stream = stream,
            Sequence = sequence,
            Steps = ChunkSteps,
            SchemaHash = Schema.Hash,
            Columns = [.. columns.Select(column => (ReadOnlyMemory<byte>)column)],
            Episodes = [],
            EndsStream = false,
        };
    }
}
