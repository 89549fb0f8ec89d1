using Dreamer.Experience;

namespace Dreamer.Contracts.Clients;

/// <summary>
/// What an actor still keeps of one stream. Where the service forgot more than the actor kept, the rest goes on under
/// a new identity that counts from 0 and begins with is_first, so that a stream never has a hole.
/// </summary>
/// <param name="isFirst">Column of that flag.</param>
internal sealed class OutgoingStream(StreamId id, long firstSequence, int isFirst)
{
    private readonly LinkedList<Chunk> kept = [];
    private readonly Queue<(long Sequence, long Sent)> underWay = [];
    private long offset;
    private long next = firstSequence;
    private long accepted = firstSequence;
    private bool ended;

    /// <summary>Identity that the actor's chunks carry.</summary>
    public StreamId Id { get; } = id;

    /// <summary>Identity that the service knows.</summary>
    public StreamId WireId { get; private set; } = id;

    /// <summary>Its last chunk was handed over.</summary>
    public bool Ended => ended;

    /// <summary>The stream ended and nothing of it needs to be kept.</summary>
    public bool Finished => ended && kept.Count == 0;

    /// <summary>Bytes that the service has not accepted: not sent yet, or under way.</summary>
    public long PendingBytes => Pending.Sum(chunk => chunk.Bytes);

    /// <summary>Steps of the same.</summary>
    public long PendingSteps => Pending.Sum(chunk => (long)chunk.Steps);

    /// <summary>Bytes that are not sent yet, or have to be sent again.</summary>
    public long UnsentBytes => kept.Where(chunk => chunk.Sequence >= next).Sum(chunk => chunk.Bytes);

    public void Keep(Chunk chunk)
    {
        kept.AddLast(chunk);
        ended |= chunk.EndsStream;
    }

    /// <summary>The next chunk to send under the service's identity, or null.</summary>
    /// <param name="now">Timestamp that <see cref="Acknowledge"/> tells of it.</param>
    public Chunk? TakeUnsent(long now = 0)
    {
        for (var node = kept.Last; node is not null; node = node.Previous)
        {
            if (node.Value.Sequence == next)
            {
                underWay.Enqueue((next++, now));
                return WireId == Id ? node.Value : Renamed(node.Value);
            }

            if (node.Value.Sequence < next)
            {
                return null;
            }
        }

        return null;
    }

    /// <summary>Forgets what is durable and returns its bytes. Sequence numbers are the service's.</summary>
    /// <param name="took">Told when each chunk was sent that the service accepts with this.</param>
    public long Acknowledge(long acceptedMark, long durableMark, Action<long>? took = null)
    {
        accepted = acceptedMark + offset;
        while (underWay.TryPeek(out var oldest) && oldest.Sequence < accepted)
        {
            underWay.Dequeue();
            took?.Invoke(oldest.Sent);
        }

        var bytes = 0L;
        while (kept.First is { } first && first.Value.Sequence < durableMark + offset)
        {
            bytes += first.Value.Bytes;
            kept.RemoveFirst();
        }

        return bytes;
    }

    /// <summary>Goes on from the service's mark; false where the service forgot what is no longer kept.</summary>
    public bool Resume(long nextSequence, out long again)
    {
        underWay.Clear();
        var from = nextSequence + offset;
        var oldest = kept.First?.Value.Sequence ?? next;
        if (from < oldest)
        {
            (WireId, offset, next, accepted, again) = (StreamId.NewRandom(), oldest, oldest, oldest, 0);
            return false;
        }

        again = Math.Max(0, next - from);
        (next, accepted) = (from, from);
        return true;
    }

    // The newest first: they are few, and what is only not durable may be many.
    private IEnumerable<Chunk> Pending
    {
        get
        {
            for (var node = kept.Last; node is not null && node.Value.Sequence >= accepted; node = node.Previous)
            {
                yield return node.Value;
            }
        }
    }

    private Chunk Renamed(Chunk chunk)
    {
        var renamed = chunk with { Stream = WireId, Sequence = chunk.Sequence - offset };
        if (renamed.Sequence > 0)
        {
            return renamed;
        }

        var flags = chunk.Columns[isFirst].ToArray();
        flags[0] = 1;
        ReadOnlyMemory<byte>[] columns = [.. chunk.Columns];
        columns[isFirst] = flags;
        return renamed with { Columns = columns };
    }
}
