namespace Dreamer.Redis;

/// <summary>
/// Which commits survive a crash of Redis. Acknowledged is not durable: the AOF is flushed once a second. A commit counts
/// as durable when it was acknowledged long enough ago by the same run of the server and the AOF's last write was well.
/// </summary>
internal sealed class DurableMark(TimeProvider time, TimeSpan after)
{
    private readonly Queue<(long From, long Id, long At)> _pending = [];
    private string _runId = "";

    /// <summary>Highest durable id.</summary>
    public long Value { get; private set; }

    /// <summary>Highest id that was acknowledged.</summary>
    public long Last { get; private set; }

    /// <summary>No id up to this one is acknowledged and not durable; no bound where none is.</summary>
    public long Through => _pending.TryPeek(out var oldest) ? oldest.From - 1 : long.MaxValue;

    public void Acknowledged(long id) => Wait(id, id);

    /// <summary>Starts over with what the server holds now; its age is unknown, so it waits like a new commit.</summary>
    public void Recovered(string runId, long last)
    {
        _runId = runId;
        _pending.Clear();
        Value = Math.Min(Value, last);
        Wait(Value + 1, last);
    }

    /// <summary>Moves the mark by what the server says about itself.</summary>
    /// <param name="runId">Changes with every start of the server.</param>
    /// <param name="last">Highest id that the server holds.</param>
    /// <param name="persistent">The AOF is on.</param>
    /// <param name="healthy">Its last write succeeded.</param>
    public void Observe(string runId, long last, bool persistent, bool healthy)
    {
        if (runId != _runId)
        {
            // Another run: it has what it read from its file, and whether that is everything shows in its last id.
            Recovered(runId, Math.Min(Last, last));
        }

        // A server that was wiped while it ran has the same id, and less than it acknowledged.
        while (healthy && _pending.TryPeek(out var oldest) && oldest.Id <= last && (!persistent || time.GetElapsedTime(oldest.At) >= after))
        {
            Value = Math.Max(Value, oldest.Id);
            _pending.Dequeue();
        }
    }

    private void Wait(long from, long id)
    {
        _pending.Enqueue((from, id, time.GetTimestamp()));
        Last = id;
    }
}
