namespace Dreamer.Policies;

/// <summary>The feed inside one process. Thread safe; waiting is event driven.</summary>
public sealed class PolicyMailbox : IPolicyFeed
{
    private readonly Lock _lock = new();
    private PolicyBlob? _latest;
    private TaskCompletionSource _published = NewSignal();

    /// <summary>The newest version so far; null before the first.</summary>
    public PolicyBlob? Latest
    {
        get
        {
            lock (_lock)
            {
                return _latest;
            }
        }
    }

    public Task<long> PublishAsync(PolicyBlob blob, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TaskCompletionSource signal;
        lock (_lock)
        {
            if (_latest is not null && blob.Version <= _latest.Version)
            {
                return Task.FromResult(_latest.Version);
            }

            (_latest, signal, _published) = (blob, _published, NewSignal());
        }

        signal.SetResult();
        return Task.FromResult(blob.Version);
    }

    public async ValueTask<PolicyBlob> NextAsync(long afterVersion, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Task published;
            lock (_lock)
            {
                if (_latest is not null && _latest.Version > afterVersion)
                {
                    return _latest;
                }

                published = _published.Task;
            }

            await published.WaitAsync(cancellationToken);
        }
    }

    // Waiters must not run inside the publisher's call.
    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
