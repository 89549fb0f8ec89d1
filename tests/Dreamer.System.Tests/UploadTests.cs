using Dreamer.Actor;
using Dreamer.Experience;
using Dreamer.Hosting.Configuration;
using Dreamer.Learner;
using Dreamer.Policies;
using Dreamer.System.Tests.Processes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dreamer.System.Tests;

/// <summary>How the learner gets its weights to the actors.</summary>
public sealed class UploadTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task The_learner_trains_on_while_weights_are_on_their_way_and_sends_every_version()
    {
        var configuration = ConfigurationLoader.Load(new ConfigurationRequest(
        [
            "--configs", "debug", "--logdir", _directory["run"], "--threads", "1", "--env.time_limit", "30", "--steps", "100", "--limiter.train_ratio", "4",
            "--learner.publish_updates", "2", "--learner.publish_seconds", "1e6",
        ])
        { Environment = new Dictionary<string, string>() });
        using var patience = new CancellationTokenSource(Until.Limit);
        using var learner = new LearnerComposition(configuration, TimeProvider.System, NullLoggerFactory.Instance);
        await using var buffer = await ReplayBuffer.OpenAsync(
            new MemoryChunkStore(), new ReplayOptions { ChunkSteps = 8, PretrainBatches = 6 }, TimeProvider.System, patience.Token);
        await using var replay = new LocalReplay(buffer);
        var feed = new HeldFeed(held: 2);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(patience.Token);
        var acting = Task.Run(
            () => ActorHost.Loop(configuration.With("replay.chunk_steps", "8", "test"), 0, feed, replay, TimeProvider.System, NullLoggerFactory.Instance).RunAsync(ending.Token),
            CancellationToken.None);
        var learning = learner.RunAsync(replay, feed, patience.Token);

        // The second version goes out after two updates; the third has to wait for it, and it is due after two more.
        await Until.HoldsAsync("four updates", () => learner.Agent.Updates == 4, () => $"{learner.Agent.Updates} updates, {string.Join(' ', feed.Sent)} sent");
        Assert.Equal([1, 2], feed.Sent);
        feed.Release();
        await await Task.WhenAny(learning, acting);
        await ending.CancelAsync();
        await acting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        Assert.Equal(Enumerable.Range(1, feed.Sent.Count).Select(version => (long)version), feed.Sent);
        Assert.True(feed.Sent.Count >= 1 + (learner.Plan.TotalUpdates / 2), string.Join(' ', feed.Sent));
    }

    private sealed class HeldFeed(int held) : IPolicyFeed
    {
        private readonly PolicyMailbox _mailbox = new();
        private readonly TaskCompletionSource _released = new();

        public List<long> Sent { get; } = [];

        public void Release() => _released.SetResult();

        public async Task<long> PublishAsync(PolicyBlob blob, CancellationToken cancellationToken)
        {
            Sent.Add(blob.Version);
            if (Sent.Count == held)
            {
                await _released.Task.WaitAsync(cancellationToken);
            }

            return await _mailbox.PublishAsync(blob, cancellationToken);
        }

        public ValueTask<PolicyBlob> NextAsync(long afterVersion, CancellationToken cancellationToken) => _mailbox.NextAsync(afterVersion, cancellationToken);
    }
}
