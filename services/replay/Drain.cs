namespace Dreamer.Replay;

/// <summary>
/// Winding a run down: first the actors are told to leave, and when what they sent is durable, the learner. Thread safe.
/// </summary>
public sealed class Drain
{
    private readonly Lock _gate = new();
    private CancellationTokenSource _actors = new();
    private CancellationTokenSource _learner = new();
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>Since <see cref="Begin"/> and until <see cref="Cancel"/>.</summary>
    public bool Active => Actors.IsCancellationRequested;

    /// <summary>Cancelled while actors are to leave.</summary>
    public CancellationToken Actors => Locked(() => _actors.Token);

    /// <summary>Cancelled while the learner is to leave.</summary>
    public CancellationToken Learner => Locked(() => _learner.Token);

    /// <summary>Completes at the next <see cref="Pulse"/>.</summary>
    public Task Changed => Locked(() => _changed.Task);

    /// <summary>Tells the actors; again changes nothing.</summary>
    public void Begin() => Locked(() => _actors).Cancel();

    /// <summary>Tells the learner.</summary>
    public void DismissLearner() => Locked(() => _learner).Cancel();

    /// <summary>Whoever comes from now on may stay.</summary>
    public void Cancel()
    {
        lock (_gate)
        {
            (_actors, _learner) = (new CancellationTokenSource(), new CancellationTokenSource());
        }

        Pulse();
    }

    /// <summary>Somebody has left or came.</summary>
    public void Pulse()
    {
        TaskCompletionSource before;
        lock (_gate)
        {
            (before, _changed) = (_changed, NewSignal());
        }

        before.SetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private T Locked<T>(Func<T> read)
    {
        lock (_gate)
        {
            return read();
        }
    }
}
