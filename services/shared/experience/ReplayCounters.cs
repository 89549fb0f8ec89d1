namespace Dreamer.Experience;

/// <summary>Counters of a replay buffer; see <see cref="ReplayStatus"/>.</summary>
internal struct ReplayCounters
{
    public long Committed;
    public long Evicted;
    public long Duplicates;
    public long Gaps;
    public long Refused;
    public long Lost;
    public double DroppedCredit;
    public bool StoreFull;
    public bool CapacityWarned;
}
