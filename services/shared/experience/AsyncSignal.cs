namespace Dreamer.Experience;

/// <summary>Wakes everybody who took <see cref="Next"/> before the last <see cref="Pulse"/>. Thread safe.</summary>
public sealed class AsyncSignal
{
    private volatile TaskCompletionSource _source = New();

    /// <summary>Completes at the next <see cref="Pulse"/>. Take it before testing the condition, then await.</summary>
    public Task Next => _source.Task;

    /// <summary>Wakes them.</summary>
    public void Pulse() => Interlocked.Exchange(ref _source, New()).TrySetResult();

    // Waiters must not run inside the call that wakes them.
    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
