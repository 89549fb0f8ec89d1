using System.Diagnostics.Metrics;
using Dreamer.Experience;
using Dreamer.Hosting.Telemetry;

namespace Dreamer.Replay;

/// <summary>What the replay service measures; the definitions are in <see cref="Instruments"/>.</summary>
public sealed class ReplayMetrics : IDisposable
{
    private readonly Meter _meter = new("Dreamer.Replay");
    private readonly Histogram<double> _limiterWait;

    public ReplayMetrics(ReplayBuffer replay, ActorRegistry actors, WeightBoard weights, StoreWatch stores)
    {
        _limiterWait = _meter.Histogram(Instruments.LimiterWait);
        CommitTime = _meter.Histogram(Instruments.CommitTime);
        _meter.Counter(Instruments.InsertedSteps, () => replay.Status().InsertedSteps);
        _meter.Counter(Instruments.ReplayedSteps, () => replay.Status().ReplayedSteps);
        _meter.Counter(Instruments.ChunksDuplicate, () => replay.Status().Duplicates);
        _meter.Counter(Instruments.ChunkGaps, () => replay.Status().Gaps);
        _meter.Counter(Instruments.ChunksRefused, () => replay.Status().Refused);
        _meter.Counter(Instruments.LimiterStalls, () => replay.Status().Stalls);
        _meter.Gauge(Instruments.TrainRatio, () => replay.Status().RealisedRatio);
        _meter.Gauge(Instruments.TrainRatioTarget, () => replay.Status().TargetRatio);
        _meter.Gauge(Instruments.DurableLag, () => replay.Status().NotDurable);
        _meter.Gauge(Instruments.ReplayItems, () => replay.Status().Items);
        _meter.Gauge(Instruments.ReplaySteps, () => replay.Status().Steps);
        _meter.Gauge(Instruments.ReplayBytes, () => replay.Status().Bytes);
        _meter.Counter(Instruments.ChunksLost, () => replay.Status().LostChunks);
        _meter.Counter(Instruments.ChunksEvicted, () => replay.Status().EvictedChunks);
        _meter.Gauge(Instruments.StoreFull, () => replay.Status().StoreFull ? 1 : 0);
        _meter.Gauge(Instruments.RedisUp, () => stores.Observe(health => health is null ? 0 : 1));
        _meter.Gauge(Instruments.RedisMemory, () => stores.Observe(health => health?.MemoryBytes));
        _meter.Gauge(Instruments.RedisMemoryLimit, () => stores.Observe(health => health?.MemoryLimitBytes));
        _meter.Gauge(Instruments.RedisAofOk, () => stores.Observe(health => health is null ? null : health.JournalOk ? 1 : 0));
        _meter.Gauge(Instruments.RedisAofSize, () => stores.Observe(health => health?.JournalBytes));
        _meter.Counter(Instruments.ActorsLost, () => actors.Lost);
        _meter.Gauge(Instruments.ActorsConnected, () => actors.Count);
        _meter.Gauge(Instruments.PolicyVersion, () => weights.Version);
        _meter.Gauge(Instruments.ActorPolicyVersion, () => actors.OldestPolicyVersion);
    }

    /// <summary>Seconds to commit one chunk.</summary>
    public Histogram<double> CommitTime { get; }

    /// <summary>Time that an actor waited for the learner.</summary>
    public void InsertWait(TimeSpan waited) => _limiterWait.Record(waited.TotalSeconds, KeyValuePair.Create<string, object?>("side", "insert"));

    /// <summary>Time that the learner waited for actors.</summary>
    public void SampleWait(TimeSpan waited) => _limiterWait.Record(waited.TotalSeconds, KeyValuePair.Create<string, object?>("side", "sample"));

    public void Dispose() => _meter.Dispose();
}
