using System.Collections.Concurrent;
using System.Collections.Immutable;
using Dreamer.Experience;

namespace Dreamer.Replay;

/// <summary>Who is connected and what each has delivered. Thread safe.</summary>
public sealed class ActorRegistry(TimeProvider time)
{
    private readonly TimeProvider _time = time;
    private readonly ConcurrentDictionary<Session, byte> _sessions = new();
    private long _lost;
    private int _joined;

    /// <summary>Calls that ended while streams of theirs were open: the actor died, was cut off, or will be back.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <summary>Actors with an open call.</summary>
    public int Count => _sessions.Count;

    /// <summary>Oldest weights that a connected actor acts with, -1 before the first chunk.</summary>
    public long OldestPolicyVersion => _sessions.Keys.Select(session => session.PolicyVersion).DefaultIfEmpty(-1).Min();

    /// <summary>Registers an actor for the length of its call.</summary>
    /// <param name="name">For people.</param>
    /// <param name="most">Actors that may be there with it.</param>
    /// <exception cref="LimitExceededException">It would be one too many.</exception>
    public Session Join(string name, int most)
    {
        if (Interlocked.Increment(ref _joined) > most)
        {
            Interlocked.Decrement(ref _joined);
            throw new LimitExceededException($"{most} actors are connected already, which is replay.limits.actors");
        }

        var session = new Session(this, name, _time.GetTimestamp());
        _sessions.TryAdd(session, 0);
        return session;
    }

    /// <summary>A snapshot, by name.</summary>
    public ImmutableArray<Session> All => [.. _sessions.Keys.OrderBy(session => session.Name, StringComparer.Ordinal)];

    /// <summary>One open call.</summary>
    public sealed class Session(ActorRegistry registry, string name, long joined) : IDisposable
    {
        private readonly ConcurrentDictionary<StreamId, byte> _streams = new();
        private long _steps;
        private long _policyVersion = -1;
        private long _lastChunk = joined;

        public string Name => name;

        public int Streams => _streams.Count;

        /// <summary>Steps delivered in this call.</summary>
        public long Steps => Interlocked.Read(ref _steps);

        /// <summary>Newest weights that this actor acted with.</summary>
        public long PolicyVersion => Interlocked.Read(ref _policyVersion);

        /// <summary>Since the last chunk, or since joining.</summary>
        public TimeSpan Silence => registry._time.GetElapsedTime(Interlocked.Read(ref _lastChunk));

        internal void Took(Chunk chunk, CommitOutcome outcome)
        {
            Interlocked.Exchange(ref _lastChunk, registry._time.GetTimestamp());
            Interlocked.Exchange(ref _policyVersion, chunk.MaxPolicyVersion);
            if (outcome == CommitOutcome.Duplicate)
            {
                return;
            }

            Interlocked.Add(ref _steps, chunk.Steps);
            if (chunk.EndsStream)
            {
                _streams.TryRemove(chunk.Stream, out _);
            }
            else
            {
                _streams.TryAdd(chunk.Stream, 0);
            }
        }

        /// <summary>Ends the call. An actor that ends by itself has ended its streams before.</summary>
        public void Dispose()
        {
            if (!registry._sessions.TryRemove(this, out _))
            {
                return;
            }

            Interlocked.Decrement(ref registry._joined);
            if (Streams > 0)
            {
                Interlocked.Increment(ref registry._lost);
            }
        }
    }
}
