using Dreamer.Hosting.Settings;
using Microsoft.Extensions.Logging;

namespace Dreamer.Actor;

/// <summary>How often the environments of one actor may fail, per minute and in all.</summary>
internal sealed partial class RestartBudget(ActorSettings settings, TimeProvider time, ILogger<RestartBudget> logger)
{
    private readonly Queue<long> _recent = new();
    private int _total;

    /// <summary>Takes one restart; false when the budget is used up.</summary>
    public bool MayRestart(int slot, Exception failure)
    {
        while (_recent.TryPeek(out var oldest) && time.GetElapsedTime(oldest) > TimeSpan.FromMinutes(1))
        {
            _recent.Dequeue();
        }

        if (_recent.Count >= settings.RestartsPerMinute || _total >= settings.Restarts)
        {
            Log.GivenUp(logger, slot, settings.RestartsPerMinute, settings.Restarts);
            return false;
        }

        _recent.Enqueue(time.GetTimestamp());
        _total++;
        ActorMetrics.EnvironmentRestarts.Add(1);
        Log.Restarting(logger, failure, slot);
        return true;
    }

    private static partial class Log
    {
        [LoggerMessage(11, LogLevel.Warning, "environment {Slot} failed and is restarted")]
        public static partial void Restarting(ILogger logger, Exception failure, int slot);

        [LoggerMessage(12, LogLevel.Error, "environment {Slot} failed and is not restarted: actor.restarts_per_minute is {PerMinute}, actor.restarts is {Total} (docs/runbook.md#dreamerenvironmentrestarts)")]
        public static partial void GivenUp(ILogger logger, int slot, int perMinute, int total);
    }
}
