namespace Dreamer.Experience;

/// <summary>Which chunks outstanding plans read. A chunk's payload goes when it is evicted and no plan reads it.</summary>
internal sealed class PlanLedger
{
    private readonly Dictionary<long, List<IndexedChunk>> _plans = [];
    private readonly Queue<long> _order = [];
    private long _nextId;

    public int Count => _plans.Count;

    /// <summary>Chunks whose payload may be deleted now.</summary>
    public List<long> Deletable { get; } = [];

    public long Lease(List<IndexedChunk> chunks)
    {
        foreach (var chunk in chunks)
        {
            chunk.Leases++;
        }

        _plans.Add(++_nextId, chunks);
        _order.Enqueue(_nextId);
        return _nextId;
    }

    /// <summary>False for a plan that is not out.</summary>
    public bool Release(long planId)
    {
        if (!_plans.Remove(planId, out var chunks))
        {
            return false;
        }

        foreach (var chunk in chunks)
        {
            if (--chunk.Leases == 0 && chunk.Evicted)
            {
                Deletable.Add(chunk.Record.Id);
            }
        }

        return true;
    }

    /// <summary>The index was rebuilt: leases move to its entries, and chunks about to be deleted are in it again.</summary>
    public void Rebind(Dictionary<long, IndexedChunk> stored)
    {
        Deletable.Clear();
        foreach (var chunks in _plans.Values)
        {
            for (var index = 0; index < chunks.Count; index++)
            {
                if (stored.TryGetValue(chunks[index].Record.Id, out var entry))
                {
                    entry.Leases++;
                    chunks[index] = entry;
                }
            }
        }
    }

    public void Evicted(IndexedChunk chunk)
    {
        if (chunk.Leases == 0)
        {
            Deletable.Add(chunk.Record.Id);
        }
    }

    /// <summary>Releases the oldest plans until at most <paramref name="most"/> are out.</summary>
    public void Limit(int most)
    {
        while (_plans.Count > most || (_order.TryPeek(out var oldest) && !_plans.ContainsKey(oldest)))
        {
            Release(_order.Dequeue());
        }
    }
}
