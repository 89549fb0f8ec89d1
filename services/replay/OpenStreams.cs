using Dreamer.Experience;

namespace Dreamer.Replay;

/// <summary>The streams of one call that may still have something to be told: those that go on, and those that are not yet durable to their end. Thread safe.</summary>
/// <param name="replay">Knows how far each is durable.</param>
/// <param name="most">How many there may be.</param>
internal sealed class OpenStreams(ReplayBuffer replay, int most)
{
    private readonly Dictionary<StreamId, (long Durable, long End)> _streams = [];

    /// <summary>The actor has this stream open.</summary>
    /// <exception cref="LimitExceededException">It is one too many.</exception>
    public void Announce(StreamId stream)
    {
        Admit(stream);
        lock (_streams)
        {
            _streams[stream] = (replay.DurableSequence(stream), long.MaxValue);
        }
    }

    /// <summary>A chunk of this stream may be taken.</summary>
    /// <exception cref="LimitExceededException">It would be one stream too many.</exception>
    public void Admit(StreamId stream)
    {
        lock (_streams)
        {
            if (_streams.Count >= most && !_streams.ContainsKey(stream))
            {
                throw new LimitExceededException($"the actor has {most} streams that are open or not yet durable, which is replay.limits.streams_per_actor");
            }
        }
    }

    /// <summary>A chunk was taken; returns how far its stream is durable.</summary>
    public long Took(Chunk chunk)
    {
        lock (_streams)
        {
            var durable = replay.DurableSequence(chunk.Stream);
            Keep(chunk.Stream, durable, chunk.EndsStream ? chunk.Sequence + 1 : _streams.GetValueOrDefault(chunk.Stream, (0, long.MaxValue)).End);
            return durable;
        }
    }

    /// <summary>The streams that are durable further than was last told.</summary>
    public List<(StreamId Stream, long Durable)> TakeDurable()
    {
        lock (_streams)
        {
            var further = new List<(StreamId Stream, long Durable)>();
            foreach (var (stream, (known, end)) in _streams.ToArray())
            {
                var durable = replay.DurableSequence(stream);
                if (durable > known)
                {
                    further.Add((stream, durable));
                    Keep(stream, durable, end);
                }
            }

            return further;
        }
    }

    private void Keep(StreamId stream, long durable, long end)
    {
        if (durable < end)
        {
            _streams[stream] = (durable, end);
        }
        else
        {
            _streams.Remove(stream);
        }
    }
}
