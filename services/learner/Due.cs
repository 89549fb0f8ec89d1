namespace Dreamer.Learner;

/// <summary>Tells when a period has passed since the last time it did.</summary>
internal sealed class Due(TimeProvider time, double seconds)
{
    private long since = time.GetTimestamp();

    /// <summary>True once per period; begins the next one.</summary>
    public bool Passed()
    {
        var passed = time.GetElapsedTime(since).TotalSeconds >= seconds;
        if (passed)
        {
            Reset();
        }

        return passed;
    }

    /// <summary>Begins a period now.</summary>
    public void Reset() => since = time.GetTimestamp();
}
