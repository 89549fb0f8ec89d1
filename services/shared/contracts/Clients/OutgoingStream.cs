using Dreamer.Experience;

namespace Dreamer.Contracts.Clients;

/// <summary>
/// What an actor still keeps of one stream. Where the service forgot more than the actor kept, the rest goes on under
/// a new identity that counts from 0, so that a stream never has a hole.
/// </summary>
internal sealed class OutgoingStream(StreamId id, long firstSequence)
{
    private readonly LinkedList<Chunk> kept = [];
    private long offset;
    private long next = firstSequence;
    private long accepted = firstSequence;
    private bool ended;

    /// <summary>Identity that the actor's chunks carry.</summary>
    public StreamId Id { get; } = id;

    /// <summary>Identity that the service knows.</summary>
    public StreamId WireId { get; private set; } = id;

    public bool AllAccepted => kept.Last is not { } last || last.Value.Sequence < accepted;

    /// <summary>The stream ended and nothing of it needs to be kept.</summary>
    public bool Finished => ended && kept.Count == 0;

    public void Keep(Chunk chunk)
    {
        kept.AddLast(chunk);
        ended |= chunk.EndsStream;
    }

    /// <summary>The next chunk to send under the service's identity, or null.</summary>
    public Chunk? TakeUnsent()
    {
        for (var node = kept.Last; node is not null; node = node.Previous)
        {
            if (node.Value.Sequence == next)
            {
                next++;
                return offset == 0 && WireId == Id
                    ? node.Value
                    : node.Value with { Stream = WireId, Sequence = node.Value.Sequence - offset };
            }

            if (node.Value.Sequence < next)
            {
                return null;
            }
        }

        return null;
    }

    /// <summary>Forgets what is durable and returns its bytes. Sequence numbers are the service's.</summary>
    public long Acknowledge(long acceptedMark, long durableMark)
    {
        accepted = Math.Max(accepted, acceptedMark + offset);
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
        var from = nextSequence + offset;
        var oldest = kept.First?.Value.Sequence ?? next;
        if (from < oldest)
        {
            (WireId, offset, next, accepted, again) = (StreamId.NewRandom(), oldest, oldest, oldest, 0);
            return false;
        }

        again = Math.Max(0, next - from);
        (next, accepted) = (from, Math.Max(accepted, from));
        return true;
    }
}
