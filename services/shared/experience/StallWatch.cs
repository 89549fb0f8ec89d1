namespace Dreamer.Experience;

/// <summary>Notices that both sides of the limiter have been waiting for a while. Use it under the buffer's lock.</summary>
internal sealed class StallWatch : IDisposable
{
    private readonly TimeSpan _after;
    private readonly ITimer _timer;
    private bool _both;
    private long _count;

    public StallWatch(TimeProvider time, TimeSpan after, Action stalled)
    {
        _after = after;
        _timer = time.CreateTimer(
            _ =>
            {
                if (Volatile.Read(ref _both))
                {
                    Interlocked.Increment(ref _count);
                    stalled();
                }
            },
            null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public long Count => Interlocked.Read(ref _count);

    public void Update(bool both)
    {
        if (both != _both)
        {
            Volatile.Write(ref _both, both);
            _timer.Change(both ? _after : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => _timer.Dispose();
}
