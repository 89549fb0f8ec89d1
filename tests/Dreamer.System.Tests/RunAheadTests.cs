using System.Collections.Immutable;
using Dreamer.Contracts.Clients;
using Dreamer.Experience;
using Dreamer.Spaces;
using Dreamer.System.Tests.Processes;
using Microsoft.Extensions.Logging.Abstractions;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.System.Tests;

public sealed class RunAheadTests
{
    private const int ChunkSteps = 64;
    private static readonly Schema Schema = Schema.For(
        new EnvironmentSpec(ActionSpec.Parse("continuous:2"), new TensorSpec("vector", DType.Float32, 4)), ImmutableArray<TensorSpec>.Empty);

    /// <summary>While the limiter holds actors back they hold two chunks at most, so that what they send is of a fresh policy; ends of streams pass.</summary>
    [Fact]
    public async Task Actors_do_not_run_ahead_of_the_limiter_and_ends_of_streams_pass_it()
    {
        await using var server = new ReplayServer("--limiter.head_start_steps", $"{ChunkSteps}");
        using var channel = server.OpenChannel("actor");
        using var patience = new CancellationTokenSource(Until.Limit);
        await using var writer = new GrpcExperienceWriter(
            new V1.Experience.ExperienceClient(channel.Invoker), new WriterOptions("test"), TimeProvider.System, NullLogger<GrpcExperienceWriter>.Instance);
        await writer.OpenAsync(Schema, patience.Token);
        var (stream, other) = (StreamId.NewRandom(), StreamId.NewRandom());
        await writer.WriteAsync(Steps(stream, 0, ChunkSteps, endsStream: false), patience.Token);
        await writer.WriteAsync(Steps(stream, 1, ChunkSteps, endsStream: false), patience.Token);
        await writer.FlushAsync(patience.Token);

        using var pause = new CancellationTokenSource();
        var held = writer.WriteAsync(Steps(stream, 2, ChunkSteps, endsStream: false), pause.Token);
        Assert.False(held.IsCompleted);

        await writer.WriteAsync(Steps(other, 0, 5, endsStream: true), patience.Token);
        await writer.FlushAsync(patience.Token);
        Assert.False(held.IsCompleted);

        await pause.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await held);
        using var learner = server.OpenChannel("learner");
        var status = await new V1.Replay.ReplayClient(learner.Invoker).StatusAsync(new V1.StatusRequest());
        Assert.Equal((2 * ChunkSteps) + 5, status.InsertedSteps);
    }

    private static Chunk Steps(StreamId stream, long sequence, int steps, bool endsStream)
    {
        var columns = Schema.Tensors.Select(tensor => new byte[tensor.Bytes * steps]).ToArray();
        columns[Schema.IsFirstIndex][0] = sequence == 0 ? (byte)1 : (byte)0;
        return new Chunk
        {
            Stream = stream,
            Sequence = sequence,
            Steps = steps,
            SchemaHash = Schema.Hash,
            Columns = [.. columns.Select(column => (ReadOnlyMemory<byte>)column)],
            Episodes = [],
            EndsStream = endsStream,
        };
    }
}
