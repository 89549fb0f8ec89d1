using System.Collections.Immutable;
using Dreamer.Actor;
using Dreamer.Agents;
using Dreamer.Environments;
using Dreamer.Experience;
using Dreamer.Hosting.Configuration;
using Dreamer.Policies;
using Dreamer.Spaces;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dreamer.System.Tests;

/// <summary>Fixed seeds, one actor, the learner's draws in step with it: everything is decided.</summary>
public sealed class LockstepTests
{
    private const int Chunks = 12;

    [Theory]
    [InlineData("CartPole-v1")]
    [InlineData("fake")]
    public async Task Two_runs_give_the_same_replay_bytes_and_batch_plans(string environment)
    {
        var first = await RunAsync(environment, seed: 7);
        var second = await RunAsync(environment, seed: 7);
        var other = await RunAsync(environment, seed: 8);

        Assert.Equal(Chunks, first.Chunks.Count);
        Assert.True(first.Plans.Count > 10);
        Assert.Equal(first.Chunks, second.Chunks);
        Assert.Equal(first.Plans, second.Plans);
        Assert.NotEqual(first.Chunks, other.Chunks);
        Assert.NotEqual(first.Plans, other.Plans);
    }

    /// <summary>The actor's loop and the replay's engine as they are; between two chunks the learner draws all that it may.</summary>
    private static async Task<(List<string> Chunks, List<string> Plans)> RunAsync(string environment, int seed)
    {
        var configuration = ConfigurationLoader.Load(new ConfigurationRequest(["--configs", "debug", "--env", environment, "--seed", $"{seed}"])
        {
            Environment = new Dictionary<string, string>(),
        });
        using var agent = AgentFactory.Create(
            "dreamer_v3", configuration.Bind, EnvironmentRegistry.SpecOf(configuration.Bind<EnvironmentOptions>("env")), "cpu", (ulong)seed);
        var feed = new PolicyMailbox();
        await feed.PublishAsync(agent.ExportPolicy(0), default);
        await using var buffer = await ReplayBuffer.OpenAsync(new MemoryChunkStore(), new ReplayOptions(), TimeProvider.System, default);
        using var enough = new CancellationTokenSource();
        await using var writer = new LockstepWriter(buffer, schema => new LearnerHello(schema, agent.BatchSize, agent.Context + agent.BatchLength, agent.Context, TrainRatio: 4, (ulong)seed), enough);
        var acting = ActorHost.Loop(configuration, index: 0, feed, writer, TimeProvider.System, NullLoggerFactory.Instance).RunAsync(enough.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => acting);
        return (writer.Chunks, writer.Plans);
    }

    private sealed class LockstepWriter(ReplayBuffer buffer, Func<Schema, LearnerHello> hello, CancellationTokenSource enough) : IExperienceWriter
    {
        private readonly Dictionary<StreamId, int> _streams = [];

        public List<string> Chunks { get; } = [];

        public List<string> Plans { get; } = [];

        public ValueTask OpenAsync(Schema schema, CancellationToken cancellation)
        {
            buffer.Attach(hello(schema));
            return ValueTask.CompletedTask;
        }

        public async ValueTask WriteAsync(Chunk chunk, CancellationToken cancellation)
        {
            if (Chunks.Count == LockstepTests.Chunks)
            {
                return;
            }

            // Streams have random names; what they are is the order in which they came.
            var stream = _streams.TryGetValue(chunk.Stream, out var known) ? known : _streams[chunk.Stream] = _streams.Count;
            var encoded = ChunkCodec.Encode(chunk with { Stream = new StreamId((UInt128)stream) }, buffer.Schema!, ChunkCompression.None);
            Chunks.Add(Convert.ToHexString(encoded));
            await buffer.AppendAsync(chunk, cancellation);
            while (buffer.Status() is { } status && status.Credit >= 1 && await DrawAsync() is { } plan)
            {
                buffer.Release(plan.Id);
                Plans.Add(string.Join(' ', plan.Windows.Select(window => $"{string.Join('+', window.Chunks)}:{window.Offset}")));
            }

            if (Chunks.Count == LockstepTests.Chunks)
            {
                await enough.CancelAsync();
            }
        }

        public void Finish()
        {
        }

        public Task FlushAsync(CancellationToken cancellation) => Task.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        /// <summary>A plan if one may be drawn now.</summary>
        private async Task<BatchPlan?> DrawAsync()
        {
            using var now = new CancellationTokenSource();
            var drawing = buffer.SampleAsync(now.Token).AsTask();
            if (!drawing.IsCompleted)
            {
                await now.CancelAsync();
            }

            try
            {
                return await drawing;
            }
            catch (OperationCanceledException)
            {
                return null;
            }
        }
    }
}
