using System.Collections.Immutable;
using Dreamer.Contracts.Clients;
using Dreamer.Experience;
using Dreamer.Hosting.Edge;
using Dreamer.Spaces;
using Dreamer.System.Tests.Processes;
using Microsoft.Extensions.Logging.Abstractions;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.System.Tests;

/// <summary>Actors that come and go while one stays.</summary>
public sealed class ManyActorsTests
{
    private const int ChunkSteps = 64;
    private const int Chunks = 5;
    private static readonly EnvironmentSpec Environment = new(ActionSpec.Parse("continuous:2"), new TensorSpec("vector", DType.Float32, 4));
    private static readonly Schema Schema = Schema.For(Environment, ImmutableArray<TensorSpec>.Empty);

    [Fact]
    public async Task From_1_to_64_and_back_to_1_every_step_arrives_once()
    {
        await using var server = new ReplayServer("--limiter.head_start_steps", "1000000");
        using var patience = new CancellationTokenSource(2 * Until.Limit);
        using var operating = server.OpenChannel("learner");
        var client = new V1.Replay.ReplayClient(operating.Invoker);
        async Task<V1.StatusReply> StatusAsync() => await client.StatusAsync(new V1.StatusRequest(), cancellationToken: patience.Token);

        await using var first = new LightActor(server, "actor-0");
        await first.SendAsync(Chunks, endsStream: false, patience.Token);

        var others = Enumerable.Range(1, 63).Select(number => new LightActor(server, $"actor-{number}")).ToList();
        await Task.WhenAll(others.Select(actor => actor.SendAsync(Chunks, endsStream: false, patience.Token)));
        await Until.HoldsAsync("all are connected", async () => (await StatusAsync()).Actors.Count == 64);

        // Two of three end their stream as an actor does that is told to leave; the others are just gone.
        await Task.WhenAll(others.Where((_, number) => number % 3 > 0).Select(actor => actor.SendAsync(1, endsStream: true, patience.Token)));
        await Task.WhenAll(others.Select(actor => actor.DisposeAsync().AsTask()));
        await Until.HoldsAsync("all but one have left", async () => (await StatusAsync()).Actors.Count == 1);

        await first.SendAsync(Chunks, endsStream: false, patience.Token);
        var status = await StatusAsync();
        Assert.Equal("actor-0", Assert.Single(status.Actors).Actor);
        Assert.Equal(2 * Chunks * ChunkSteps, status.Actors[0].Steps);
        Assert.Equal(((64 * Chunks) + Chunks + 42) * ChunkSteps, status.InsertedSteps);
        Assert.Equal((64, 0, 0, 0), (status.Streams, status.Duplicates, status.Gaps, status.Refused));
    }

    private sealed class LightActor : IAsyncDisposable
    {
        private readonly ReplayChannel _channel;
        private readonly GrpcExperienceWriter _writer;
        private readonly ChunkBuilder _builder = new(Schema, StreamId.NewRandom(), ChunkSteps);
        private readonly TimeStep _step = new(Environment);

        public LightActor(ReplayServer server, string name)
        {
            _channel = server.OpenChannel("actor");
            _writer = new GrpcExperienceWriter(
                new V1.Experience.ExperienceClient(_channel.Invoker), new WriterOptions(name), TimeProvider.System, NullLogger<GrpcExperienceWriter>.Instance);
        }

        /// <summary>Sends chunks and waits until the service has them.</summary>
        public async Task SendAsync(int chunks, bool endsStream, CancellationToken cancellation)
        {
            await _writer.OpenAsync(Schema, cancellation);
            for (var step = 0; step < chunks * ChunkSteps; step++)
            {
                _step.IsFirst = _builder is { NextSequence: 0, PendingSteps: 0 };
                _builder.Add(_step, new float[2], [], policyVersion: 0);
                if ((endsStream && step == (chunks * ChunkSteps) - 1 ? _builder.End() : _builder.TakeFull()) is { } chunk)
                {
                    await _writer.WriteAsync(chunk, cancellation);
                }
            }

            await _writer.FlushAsync(cancellation);
        }

        public async ValueTask DisposeAsync()
        {
            await _writer.DisposeAsync();
            _channel.Dispose();
        }
    }
}
