namespace Dreamer.Experience;

/// <summary>Wakes everyone who waits for a change. Use it under one lock: take <see cref="Next"/>, leave the lock, await.</summary>
internal sealed class AsyncSignal
{
    private TaskCompletionSource? _source;

    /// <summary>Completes at the next <see cref="Pulse"/>.</summary>
    public Task Next => (_source ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void Pulse()
    {
        _source?.SetResult();
        _source = null;
    }
}
