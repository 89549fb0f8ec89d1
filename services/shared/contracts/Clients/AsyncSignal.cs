namespace Dreamer.Contracts.Clients;

/// <summary>Wakes everybody who took <see cref="Next"/> before the last <see cref="Set"/>. Thread safe.</summary>
internal sealed class AsyncSignal
{
    private volatile TaskCompletionSource source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes at the next <see cref="Set"/>. Take it before testing the condition.</summary>
    public Task Next => source.Task;

    public void Set() =>
        Interlocked.Exchange(ref source, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}
