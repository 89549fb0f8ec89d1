using System.Collections.Immutable;
using Dreamer.Actor;
using Dreamer.Contracts.Clients;
using Dreamer.Environments;
using Dreamer.Environments.Fakes;
using Dreamer.Experience;
using Dreamer.Hosting.Configuration;
using Dreamer.Policies;
using Dreamer.Spaces;
using Dreamer.System.Tests.Processes;
using Microsoft.Extensions.Logging.Abstractions;
using V1 = Dreamer.Contracts.V1;

namespace Dreamer.System.Tests;

/// <summary>How many steps an actor may have taken that are nowhere but with it.</summary>
public sealed class HeldStepsTests : IDisposable
{
    private const int ChunkSteps = 64;
    private static readonly EnvironmentSpec Environment = new(ActionSpec.Parse("continuous:2"), new TensorSpec("vector", DType.Float32, 4));
    private static readonly Schema Schema = Schema.For(Environment, ImmutableArray<TensorSpec>.Empty);
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(63, 62)]
    [InlineData(127, 64)]
    [InlineData(20, 19)]
    public async Task An_actor_waits_before_it_holds_more_than_it_may(int held, int chunkSteps)
    {
        using var patience = new CancellationTokenSource(Until.Limit);
        var (configuration, feed) = await PlayAsync();
        await using var writer = new SilentWriter(held);
        var acting = ActorHost.Loop(configuration, index: 0, feed, writer, TimeProvider.System, NullLoggerFactory.Instance).RunAsync(patience.Token);

        // Nothing is accepted, so it stands still; then one chunk of each environment is.
        await writer.Waiting.WaitAsync(patience.Token);
        var ledgers = new LedgerBook(_directory["ledgers"]);
        Assert.Equal([held, held], Handed(ledgers));
        Assert.All(writer.Chunks, chunk => Assert.Equal(chunkSteps, chunk.Steps));
        writer.Accept();
        await writer.Waiting.WaitAsync(patience.Token);
        Assert.Equal([held + chunkSteps, held + chunkSteps], Handed(ledgers));

        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => acting);
    }

    [Fact]
    public async Task While_the_service_is_away_a_writer_takes_as_many_steps_as_it_may_buffer()
    {
        var server = new ReplayServer("--limiter.head_start_steps", "100000");
        using var channel = server.OpenChannel("actor");
        using var patience = new CancellationTokenSource(Until.Limit);
        await using var writer = new GrpcExperienceWriter(
            new V1.Experience.ExperienceClient(channel.Invoker), new WriterOptions("test") { BufferSteps = (2 * ChunkSteps) + 1 }, TimeProvider.System, NullLogger<GrpcExperienceWriter>.Instance);
        await writer.OpenAsync(Schema, patience.Token);
        var builder = new ChunkBuilder(Schema, StreamId.NewRandom(), ChunkSteps);
        await writer.WriteAsync(Next(builder), patience.Token);
        await writer.AcceptAsync(0, patience.Token);
        Assert.Equal(0, writer.PendingBytes);
        await server.DisposeAsync();
        await Until.HoldsAsync("the writer knows", () => !writer.Connected);

        // What was accepted before does not count, although it is kept until it is durable.
        for (var chunk = 0; chunk < 3; chunk++)
        {
            await writer.WriteAsync(Next(builder), patience.Token);
            await writer.AcceptAsync(0, patience.Token);
        }

        using var pause = new CancellationTokenSource();
        var held = writer.WriteAsync(Next(builder), pause.Token).AsTask();
        Assert.False(held.IsCompleted);
        await pause.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => held);
    }

    private static Chunk Next(ChunkBuilder builder)
    {
        var step = new TimeStep(Environment);
        for (var taken = 0; ; taken++)
        {
            if (taken > 0 && builder.TakeFull() is { } chunk)
            {
                return chunk;
            }

            step.Set(0, isFirst: builder is { NextSequence: 0, PendingSteps: 0 }, isLast: false, isTerminal: false);
            builder.Add(step, [0, 0], [], policyVersion: 0);
        }
    }

    private static long[] Handed(LedgerBook ledgers) => [.. Enumerable.Range(0, ledgers.Lives).Select(life => (long)ledgers.Read(life).Entries.Length)];

    private async Task<(DreamerConfiguration Configuration, IPolicyFeed Feed)> PlayAsync()
    {
        var configuration = ConfigurationLoader.Load(new ConfigurationRequest(
            ["--env", "fake", "--env.fake.ledger", _directory["ledgers"], "--actor.environments", "2", "--actor.flush_seconds", "0", "--replay.chunk_steps", $"{ChunkSteps}"])
        {
            Environment = new Dictionary<string, string>(),
        });
        var feed = new PolicyMailbox();
        await feed.PublishAsync(RandomPolicy.Blob(EnvironmentRegistry.SpecOf(configuration.Bind<EnvironmentOptions>("env")), version: 0), default);
        return (configuration, feed);
    }

    /// <summary>Takes everything and accepts nothing until it is told to.</summary>
    private sealed class SilentWriter(int held) : IExperienceWriter
    {
        private readonly Lock _gate = new();
        private readonly AsyncSignal _accepted = new();
        private readonly List<Chunk> _pending = [];
        private TaskCompletionSource _waiting = New();

        public int HeldSteps => held;

        public List<Chunk> Chunks { get; } = [];

        /// <summary>Completes when the actor waits.</summary>
        public Task Waiting => _waiting.Task;

        public void Accept()
        {
            lock (_gate)
            {
                _pending.Clear();
                _waiting = New();
            }

            _accepted.Pulse();
        }

        public ValueTask OpenAsync(Schema schema, CancellationToken cancellation) => ValueTask.CompletedTask;

        public ValueTask WriteAsync(Chunk chunk, CancellationToken cancellation)
        {
            lock (_gate)
            {
                _pending.Add(chunk);
                Chunks.Add(chunk);
            }

            return ValueTask.CompletedTask;
        }

        public async ValueTask AcceptAsync(int most, CancellationToken cancellation)
        {
            while (true)
            {
                var accepted = _accepted.Next;
                lock (_gate)
                {
                    if (_pending.GroupBy(chunk => chunk.Stream).All(stream => stream.Sum(chunk => chunk.Steps) <= most))
                    {
                        return;
                    }

                    _waiting.TrySetResult();
                }

                await accepted.WaitAsync(cancellation);
            }
        }

        public void Finish()
        {
        }

        public Task FlushAsync(CancellationToken cancellation) => Task.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
