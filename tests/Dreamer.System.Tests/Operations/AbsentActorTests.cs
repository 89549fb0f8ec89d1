using System.Collections.Immutable;
using Dreamer.Contracts.Clients;
using Dreamer.Experience;
using Dreamer.Spaces;
using Dreamer.System.Tests.Processes;
using Microsoft.Extensions.Logging.Abstractions;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.System.Tests.Operations;

/// <summary>A drain that begins while an actor is cut off.</summary>
public sealed class AbsentActorTests
{
    private const int Steps = 4;
    private static readonly EnvironmentSpec Environment = new(ActionSpec.Parse("continuous:2"), new TensorSpec("vector", DType.Float32, 4));
    private static readonly Schema Schema = Schema.For(Environment, ImmutableArray<TensorSpec>.Empty);

    [Fact]
    public async Task A_drain_waits_for_an_actor_that_was_cut_off_and_takes_what_it_still_had()
    {
        await using var server = new ReplayServer("--replay.lost_after_seconds", "100000");
        using var patience = new CancellationTokenSource(Until.Limit);
        var builder = new ChunkBuilder(Schema, StreamId.NewRandom(), Steps);
        await SendAsync(server, Next(builder), patience.Token);

        using var operating = server.OpenChannel("operator");
        using var drain = new V1.Replay.ReplayClient(operating.Invoker).Drain(new V1.DrainRequest(), cancellationToken: patience.Token);
        await ReadAsync(drain.ResponseStream.MoveNext, () => drain.ResponseStream.Current is { Actors: 0, Away: 1 }, patience.Token);
        Assert.False(drain.ResponseStream.Current.Done);

        await SendAsync(server, Next(builder, last: true), patience.Token);
        await ReadAsync(drain.ResponseStream.MoveNext, () => drain.ResponseStream.Current.Done, patience.Token);
        Assert.Equal((0, 2 * Steps), (drain.ResponseStream.Current.Away, drain.ResponseStream.Current.InsertedSteps));
    }

    [Fact]
    public async Task A_drain_goes_on_without_an_actor_that_does_not_come_back()
    {
        await using var server = new ReplayServer("--replay.lost_after_seconds", "3");
        using var patience = new CancellationTokenSource(Until.Limit);
        await SendAsync(server, Next(new ChunkBuilder(Schema, StreamId.NewRandom(), Steps)), patience.Token);

        using var operating = server.OpenChannel("operator");
        using var drain = new V1.Replay.ReplayClient(operating.Invoker).Drain(new V1.DrainRequest(), cancellationToken: patience.Token);
        await ReadAsync(drain.ResponseStream.MoveNext, () => drain.ResponseStream.Current.Done, patience.Token);
        Assert.Equal(Steps, drain.ResponseStream.Current.InsertedSteps);
    }

    private static async Task ReadAsync(Func<CancellationToken, Task<bool>> next, Func<bool> condition, CancellationToken cancellation)
    {
        do
        {
            Assert.True(await next(cancellation), "the drain ended before it was done");
        }
        while (!condition());
    }

    /// <summary>An actor that connects, sends one chunk, and is cut off.</summary>
    private static async Task SendAsync(ReplayServer server, Chunk chunk, CancellationToken cancellation)
    {
        using var channel = server.OpenChannel("actor");
        await using var writer = new GrpcExperienceWriter(
            new V1.Experience.ExperienceClient(channel.Invoker), new WriterOptions("actor-0"), TimeProvider.System, NullLogger<GrpcExperienceWriter>.Instance);
        await writer.OpenAsync(Schema, cancellation);
        await writer.WriteAsync(chunk, cancellation);
        await writer.FlushAsync(cancellation);
    }

    /// <summary>The next chunk of a stream.</summary>
    private static Chunk Next(ChunkBuilder builder, bool last = false)
    {
        var step = new TimeStep(Environment);
        while (builder.PendingSteps < Steps)
        {
            step.Set(0, isFirst: builder is { NextSequence: 0, PendingSteps: 0 }, isLast: false, isTerminal: false);
            builder.Add(step, [0, 0], [], policyVersion: 0);
        }

        return (last ? builder.End() : builder.TakeFull())!;
    }
}
