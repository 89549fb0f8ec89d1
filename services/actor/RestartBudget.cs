using Dreamer.Hosting.Settings;

namespace Dreamer.Actor;

/// <summary>How often the environments of one actor may fail, per minute and in all.</summary>
internal sealed class RestartBudget(ActorSettings settings, TimeProvider time)
{
    private readonly Queue<long> _recent = new();
    private int _total;

    /// <summary>Takes one restart; false when the budget is used up.</summary>
    public bool TrySpend()
    {
        while (_recent.TryPeek(out var oldest) && time.GetElapsedTime(oldest) > TimeSpan.FromMinutes(1))
        {
            _recent.Dequeue();
        }

        if (_recent.Count >= settings.RestartsPerMinute || _total >= settings.Restarts)
        {
            return false;
        }

        _recent.Enqueue(time.GetTimestamp());
        _total++;
        return true;
    }
}
