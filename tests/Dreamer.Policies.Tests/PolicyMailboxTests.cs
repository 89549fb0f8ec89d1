namespace Dreamer.Policies.Tests;

public sealed class PolicyMailboxTests
{
    private readonly PolicyMailbox _mailbox = new();

    [Fact]
    public async Task TheLatestWins()
    {
        await Publish(1);
        await Publish(3);
        await Publish(2);
        Assert.Equal(3, (await _mailbox.NextAsync(-1, default)).Version);
        Assert.Equal(3, _mailbox.Latest!.Version);
    }

    [Fact]
    public async Task WaitsForSomethingNewer()
    {
        await Publish(1);
        var waiting = _mailbox.NextAsync(1, default).AsTask();
        Assert.False(waiting.IsCompleted);
        await Publish(1);
        Assert.False(waiting.IsCompleted);
        await Publish(5);
        Assert.Equal(5, (await waiting.WaitAsync(TimeSpan.FromSeconds(30))).Version);
    }

    [Fact]
    public async Task AWaitCanBeCancelled()
    {
        using var cancel = new CancellationTokenSource();
        var waiting = _mailbox.NextAsync(-1, cancel.Token).AsTask();
        Assert.False(waiting.IsCompleted);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await Publish(1);
        Assert.Equal(1, (await _mailbox.NextAsync(-1, default)).Version);
    }

    [Fact]
    public async Task EveryReaderSeesTheLastVersionAndNoneGoesBack()
    {
        const long last = 500;
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            var version = -1L;
            while (version < last)
            {
                var next = (await _mailbox.NextAsync(version, default)).Version;
                Assert.True(next > version);
                version = next;
            }
        })).ToArray();
        await Task.WhenAll(Enumerable.Range(0, 2).Select(start => Task.Run(async () =>
        {
            for (var version = start; version <= last; version += 2)
            {
                await Publish(version);
            }
        })));
        await Task.WhenAll(readers).WaitAsync(TimeSpan.FromSeconds(30));
    }

    private Task Publish(long version) => _mailbox.PublishAsync(new PolicyBlob(version, default, default, default), default);
}
