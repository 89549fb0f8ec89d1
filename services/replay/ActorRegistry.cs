using System.Collections.Concurrent;
using System.Collections.Immutable;
using Dreamer.Contracts;
using Dreamer.Experience;
using Dreamer.Hosting.Settings;

namespace Dreamer.Replay;

/// <summary>Who is connected and what each has delivered. Thread safe.</summary>
public sealed class ActorRegistry(ReplaySettings settings, TimeProvider time)
{
    private readonly TimeProvider _time = time;
    private readonly ConcurrentDictionary<Session, byte> _sessions = new();
    private readonly ConcurrentDictionary<string, long> _away = new(StringComparer.Ordinal);
    private long _lost;
    private int _joined;

    /// <summary>Calls that ended while streams of theirs were open: the actor died, was cut off, or will be back.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <summary>Actors with an open call.</summary>
    public int Count => _sessions.Count;

    /// <summary>Names whose call ended within <c>replay.lost_after_seconds</c> while streams of theirs were open, and who are not back.</summary>
    public int Away
    {
        get
        {
            foreach (var lost in _away.Where(left => _time.GetElapsedTime(left.Value).TotalSeconds > settings.LostAfterSeconds))
            {
                _away.TryRemove(lost);
            }

            return _away.Keys.Count(name => !IsHere(name));
        }
    }

    /// <summary>Oldest weights that a connected actor acts with, -1 before the first chunk.</summary>
    public long OldestPolicyVersion => _sessions.Keys.Select(session => session.PolicyVersion).DefaultIfEmpty(-1).Min();

    /// <summary>Registers an actor for the length of its call.</summary>
    /// <param name="name">For people.</param>
    /// <param name="open">Streams that it has open.</param>
    /// <exception cref="LimitExceededException">It would be one too many.</exception>
    public Session Join(string name, IEnumerable<StreamId> open)
    {
        var most = settings.Limits.Actors;
        if (Interlocked.Increment(ref _joined) > most)
        {
            Interlocked.Decrement(ref _joined);
            throw new LimitExceededException($"{most} actors are connected already, which is replay.limits.actors");
        }

        var session = new Session(this, name, _time.GetTimestamp(), open);
        _sessions.TryAdd(session, 0);
        _away.TryRemove(name, out _);
        return session;
    }

    private bool IsHere(string name) => _sessions.Keys.Any(session => session.Name == name);

    /// <summary>A snapshot, by name.</summary>
    public ImmutableArray<Session> All => [.. _sessions.Keys.OrderBy(session => session.Name, StringComparer.Ordinal)];

    /// <summary>One open call.</summary>
    public sealed class Session(ActorRegistry registry, string name, long joined, IEnumerable<StreamId> open) : IDisposable
    {
        private readonly ConcurrentDictionary<StreamId, byte> _streams = new(open.Distinct().Select(stream => KeyValuePair.Create(stream, (byte)0)));
        private long _steps;
        private long _policyVersion = -1;
        private long _lastChunk = joined;
        private Tuple<double, double> _acknowledgements = Tuple.Create(0d, 0d);

        public string Name => name;

        public int Streams => _streams.Count;

        /// <summary>Steps delivered in this call.</summary>
        public long Steps => Interlocked.Read(ref _steps);

        /// <summary>Newest weights that this actor acted with.</summary>
        public long PolicyVersion => Interlocked.Read(ref _policyVersion);

        /// <summary>Since the last chunk, or since joining.</summary>
        public TimeSpan Silence => registry._time.GetElapsedTime(Interlocked.Read(ref _lastChunk));

        /// <summary>Seconds from sending a chunk until its acknowledgement came, as the actor said last: median and 95 %; 0 while unknown.</summary>
        public (double Median, double Most) Acknowledgements => Volatile.Read(ref _acknowledgements).ToValueTuple();

        /// <summary>The actor says how long acknowledgements take to come.</summary>
        /// <exception cref="InvalidMessageException">That cannot be.</exception>
        internal void Said(double median, double most)
        {
            if (!(median >= 0 && most >= median && double.IsFinite(most)))
            {
                throw new InvalidMessageException("ack_p50_seconds and ack_p95_seconds must be finite, not negative, and in this order");
            }

            Volatile.Write(ref _acknowledgements, Tuple.Create(median, most));
        }

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
                _ = registry.Away;
                registry._away[name] = registry._time.GetTimestamp();
            }
        }
    }
}
