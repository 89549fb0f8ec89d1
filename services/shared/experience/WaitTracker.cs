namespace Dreamer.Experience;

/// <summary>Those who wait on one side of the limiter, and for how long. Use it under the buffer's lock.</summary>
internal sealed class WaitTracker(TimeProvider time)
{
    private readonly AsyncSignal _signal = new();
    private TimeSpan _total;
    private long _since;

    /// <summary>Waiting now.</summary>
    public int Waiting { get; private set; }

    /// <summary>Time during which somebody waited.</summary>
    public TimeSpan Total => Waiting > 0 ? _total + time.GetElapsedTime(_since) : _total;

    public Task Enter()
    {
        if (Waiting++ == 0)
        {
            _since = time.GetTimestamp();
        }

        return _signal.Next;
    }

    public void Leave()
    {
        if (--Waiting == 0)
        {
            _total += time.GetElapsedTime(_since);
        }
    }

    public void Pulse() => _signal.Pulse();
}
