using System.Collections.Immutable;

namespace Dreamer.Experience;

/// <summary>
/// The replay's engine: single writer of the store, index of all windows, train-ratio limiter, sampler. All members are
/// thread safe. Commits go one after another, so that ids, index and plans depend only on the order of the appends.
/// </summary>
public sealed partial class ReplayBuffer : IAsyncDisposable
{
    private const int MaxEpisodes = 10_000;

    private readonly IChunkStore _store;
    private readonly ReplayOptions _options;
    private readonly TimeProvider _time;
    private readonly Guid _instance = Guid.NewGuid();
    private readonly SemaphoreSlim _admission = new(1, 1);
    private int _queued;
    private readonly SemaphoreSlim _turn = new(1, 1);

    // Everything below is guarded by the gate, which is never held across an await.
    private readonly Lock _gate = new();
    private readonly WaitTracker _inserts;
    private readonly WaitTracker _samples;
    private readonly StallWatch _stall;
    private readonly OnlineQueue _online = new();
    private readonly PlanLedger _plans = new();
    private readonly ChunkTraces _traces = new();
    private readonly Queue<FinishedEpisode> _episodes = [];
    private readonly Queue<EvaluatedEpisode> _evaluations = [];
    private readonly Queue<(long Id, IndexedStream Stream, long Sequence)> _notDurable = [];
    private readonly List<StreamId> _forgotten = [];
    private WindowIndex _index;
    private ReplayCounters _counters;
    private Schema? _schema;
    private LearnerHello? _learner;
    private SampleRandom _random = new(0);
    private RateLimiter? _limiter;
    private RateLimiterState? _savedLimiter;
    private long _inserted;
    private bool _metaDirty;
    private bool _mustRecover;

    private ReplayBuffer(IChunkStore store, ReplayOptions options, TimeProvider time)
    {
        (_store, _options, _time) = (store, options, time);
        _inserts = new WaitTracker(time);
        _samples = new WaitTracker(time);
        _stall = new StallWatch(time, options.StallAfter, OnStall);
        _index = NewIndex();
    }

    /// <summary>Raised off the hot path with one line for the log: stalls, lost chunks, a capacity that cannot work.</summary>
    public event Action<string>? Warning;

    /// <summary>Raises <see cref="Warning"/> for whoever works beside the engine.</summary>
    public void Warn(string line) => Warning?.Invoke(line);

    /// <summary>Identity of this life of the engine.</summary>
    public Guid Instance => _instance;

    /// <summary>Tensors of a step; null until the first actor or learner named them.</summary>
    public Schema? Schema => Volatile.Read(ref _schema);

    /// <summary>Opens the engine on what the store holds.</summary>
    public static async Task<ReplayBuffer> OpenAsync(IChunkStore store, ReplayOptions options, TimeProvider time, CancellationToken cancellation)
    {
        options.Validate();
        var buffer = new ReplayBuffer(store, options, time);
        var snapshot = await store.RecoverAsync(cancellation);
        lock (buffer._gate)
        {
            var meta = ReplayMeta.Read(snapshot.Meta);
            buffer._schema = meta.Schema is null ? null : Schema.Parse(meta.Schema);
            buffer._savedLimiter = meta.Limiter;
            buffer.Rebuild(snapshot);
            buffer.FoundOpenStreams = buffer._index.AllStreams().Any(stream => stream.Tail is { Record.EndsStream: false });
        }

        return buffer;
    }

    /// <summary>Whether a learner has attached to this life of the engine.</summary>
    public bool HasLearner => Volatile.Read(ref _learner) is not null;

    /// <summary>Names the tensors of a step. The first one wins.</summary>
    /// <exception cref="SchemaMismatchException">Another schema is in use; the message names the key that differs.</exception>
    public void UseSchema(Schema schema)
    {
        lock (_gate)
        {
            if (_schema is null)
            {
                (_schema, _metaDirty) = (schema, true);
            }
            else if (_schema.Difference(schema) is { } difference)
            {
                throw new SchemaMismatchException(
                    $"{difference} in what was offered, compared with what this replay holds: "
                    + "give actors and learner the same environment and preset, or start with an empty logdir and an empty store");
            }
        }
    }

    /// <summary>The sequence that a stream must send next; 0 for an unknown one.</summary>
    public long NextSequence(StreamId stream)
    {
        lock (_gate)
        {
            return _index.Find(stream)?.NextSequence ?? 0;
        }
    }

    /// <summary>False for a stream whose last chunk is here.</summary>
    public bool IsOpen(StreamId stream)
    {
        lock (_gate)
        {
            return _index.Find(stream) is not { Tail.Record.EndsStream: true };
        }
    }

    /// <summary>Whether the store held streams without an end when the engine was opened: those who write them may be back.</summary>
    public bool FoundOpenStreams { get; private set; }

    /// <summary>Sequences of the stream below this survive a crash of the store: actors may forget them.</summary>
    public long DurableSequence(StreamId stream)
    {
        lock (_gate)
        {
            return _index.Find(stream)?.DurableSequence ?? 0;
        }
    }

    /// <summary>Asks the store how far it is durable and moves the marks of the streams. Cheap; call it a few times per second.</summary>
    public async ValueTask<long> AdvanceDurableAsync(CancellationToken cancellation)
    {
        var durable = await _store.DurableAsync(cancellation);
        lock (_gate)
        {
            while (_notDurable.TryPeek(out var first) && first.Id <= durable)
            {
                first.Stream.DurableSequence = Math.Max(first.Stream.DurableSequence, first.Sequence + 1);
                _notDurable.Dequeue();
            }
        }

        return durable;
    }

    /// <summary>Completes when everything appended so far is durable.</summary>
    public async Task FlushAsync(CancellationToken cancellation)
    {
        await _store.FlushAsync(cancellation);
        await AdvanceDurableAsync(cancellation);
    }

    /// <summary>A learner begins or resumes: the limiter continues where its checkpoint stands.</summary>
    /// <exception cref="SchemaMismatchException">It expects other tensors; the message names the key.</exception>
    public LearnerWelcome Attach(LearnerHello hello)
    {
        if (hello.BatchSize < 1 || hello.Context < 0 || hello.Length <= hello.Context)
        {
            throw new ArgumentException($"batch_size {hello.BatchSize}, length {hello.Length}, context {hello.Context}: a window must be longer than its context");
        }

        UseSchema(hello.Schema);
        lock (_gate)
        {
            var batchSteps = (long)hello.BatchSize * (hello.Length - hello.Context);
            var limiter = new RateLimiter(
                hello.TrainRatio, batchSteps, _options.ToleranceBatches * batchSteps,
                hello.MinItems > 0 ? hello.MinItems : batchSteps, _inserted, _options.PretrainBatches);
            var dropped = hello.ReplayedSteps is { } replayed
                ? limiter.Resume(_limiter?.State ?? _savedLimiter, replayed, _options.MaxCatchUpSteps)
                : 0;
            (_limiter, _learner, _metaDirty) = (limiter, hello, true);
            _counters.DroppedCredit += dropped;
            _random = new SampleRandom(hello.Seed, hello.Draws);
            _plans.Limit(0);
            UseLength(hello.Length);
            limiter.Start(_index.Items);
            PulseAll();
            return new LearnerWelcome(_inserted, _index.Items, limiter.Credit, dropped, _instance, WantsPriorities: _index.Priorities is not null);
        }
    }

    /// <summary>The learner ends: its plans are released.</summary>
    public void Detach()
    {
        lock (_gate)
        {
            _plans.Limit(0);
        }
    }

    /// <summary>Changes the train ratio from here on; what was earned stays earned.</summary>
    public void SetTrainRatio(double ratio)
    {
        lock (_gate)
        {
            (_limiter ?? throw new InvalidOperationException("no learner has attached yet")).SetRatio(ratio);
            _metaDirty = true;
            PulseAll();
        }
    }

    /// <summary>The next plan; waits for the train ratio and for windows. Online windows come first, then those of the selectors.</summary>
    public async ValueTask<BatchPlan> SampleAsync(CancellationToken cancellation)
    {
        var asked = _time.GetUtcNow();
        while (true)
        {
            Task change;
            lock (_gate)
            {
                if (_limiter is { } limiter && limiter.CanSample(_index.Items))
                {
                    return Draw(limiter, _learner!, asked);
                }

                change = _samples.Enter();
                _stall.Update(_inserts.Waiting > 0 && _samples.Waiting > 0);
            }

            await Wait(change, _samples, cancellation);
        }
    }

    /// <summary>The plan's payload was read. Unknown plans are ignored.</summary>
    public void Release(long planId)
    {
        lock (_gate)
        {
            _plans.Release(planId);
        }
    }

    /// <summary>Takes what an update found of its steps, except of chunks that are gone; ignored where no windows are drawn by priority.</summary>
    /// <param name="instance">The life of the engine that the chunks belong to: in another one their ids may name others.</param>
    public void Prioritize(Guid instance, ImmutableArray<StepPriorities> updates)
    {
        lock (_gate)
        {
            for (var entry = 0; entry < updates.Length && instance == _instance; entry++)
            {
                _index.Priorities?.Set(updates[entry], _index.Length);
            }
        }
    }

    /// <summary>The plan's chunks, of which only the header and the steps of its windows need to be there.</summary>
    public ValueTask<ChunkPayloads> ReadAsync(BatchPlan plan, CancellationToken cancellation) => _store.ReadAsync(plan, cancellation);

    /// <summary>Current figures.</summary>
    public ReplayStatus Status()
    {
        lock (_gate)
        {
            return new ReplayStatus
            {
                Items = _index.Items,
                Chunks = _index.Count,
                Steps = _index.Steps,
                Bytes = _index.Bytes,
                Streams = _index.Streams,
                InsertedSteps = _inserted,
                ReplayedSteps = _limiter?.Replayed ?? 0,
                Credit = _limiter?.Credit ?? 0,
                TargetRatio = _limiter?.Ratio ?? 0,
                RealisedRatio = _limiter?.RealisedRatio ?? 0,
                WaitingInserts = _inserts.Waiting > 0 ? Volatile.Read(ref _queued) : 0,
                WaitingSamples = _samples.Waiting,
                InsertWait = _inserts.Total,
                SampleWait = _samples.Total,
                OnlineWindows = _online.Count,
                OutstandingPlans = _plans.Count,
                CommittedChunks = _counters.Committed,
                EvictedChunks = _counters.Evicted,
                Duplicates = _counters.Duplicates,
                Gaps = _counters.Gaps,
                Refused = _counters.Refused,
                NotDurable = _notDurable.Count,
                LostChunks = _counters.Lost,
                Stalls = _stall.Count,
                StoreFull = _counters.StoreFull,
                DroppedCredit = _counters.DroppedCredit,
            };
        }
    }

    public async ValueTask DisposeAsync()
    {
        _stall.Dispose();
        await _store.DisposeAsync();
    }

    private BatchPlan Draw(RateLimiter limiter, LearnerHello learner, DateTimeOffset asked)
    {
        var windows = ImmutableArray.CreateBuilder<Window>(learner.BatchSize);
        var ids = ImmutableArray.CreateBuilder<long>(learner.BatchSize * 2);
        var seen = new HashSet<long>();
        var leased = new List<IndexedChunk>(learner.BatchSize * 2);
        void Add(IndexedChunk chunk, int offset) => windows.Add(Cut(chunk, offset, learner.Length, used =>
        {
            if (seen.Add(used.Record.Id))
            {
                ids.Add(used.Record.Id);
                leased.Add(used);
            }
        }));

        var fresh = Math.Ceiling(_options.OnlineShare * learner.BatchSize);
        while (windows.Count < fresh && _online.TryTake(out var chunk, out var offset))
        {
            Add(chunk, offset);
        }

        // Evenly spaced points give every selector its share of each batch, to the window where it is a whole number of them.
        var selectors = _options.Selectors;
        var rest = learner.BatchSize - windows.Count;
        var shift = rest == 0 || selectors.Uniform == 1 ? 0 : WindowSampler.Fraction(_random);
        for (var row = 0; row < rest; row++)
        {
            var (chunk, offset) = WindowSampler.Draw(selectors, (row + shift) / rest, _index, _options.ChunkSteps, _random);
            Add(chunk, offset);
        }

        limiter.Sample();
        ImmutableArray<FinishedEpisode> episodes = [.. _episodes];
        ImmutableArray<EvaluatedEpisode> evaluations = [.. _evaluations];
        _episodes.Clear();
        _evaluations.Clear();
        var plan = _plans.Lease(leased);
        _plans.Limit(_options.MaxOutstandingPlans);
        _inserts.Pulse();
        using var span = _traces.Plan(ids, asked)?.SetTag("plan", plan);
        return new BatchPlan(plan, windows.MoveToImmutable(), ids.ToImmutable(), episodes, _inserted, limiter.Replayed, _random.Draws, _index.Items)
        {
            CountedFrom = limiter.State.BaseInserted,
            Evaluations = evaluations,
            Trace = span?.Context ?? default,
        };
    }

    private static Window Cut(IndexedChunk first, int offset, int length, Action<IndexedChunk> use)
    {
        var chunks = ImmutableArray.CreateBuilder<long>(2);
        var needed = offset + length;
        for (var chunk = first; ; chunk = chunk.Next!)
        {
            chunks.Add(chunk.Record.Id);
            use(chunk);
            needed -= chunk.Record.Steps;
            if (needed <= 0)
            {
                return new Window(chunks.ToImmutable(), offset, length, Abandoned: needed == 0 && chunk.Record.Abandoned);
            }
        }
    }

    private void UseLength(int length)
    {
        if (_index.Length == length)
        {
            return;
        }

        // Windows that came in before the first learner are still news to it; after a change of length they are not.
        var first = _index.Length == 0;
        _index.SetLength(length);
        _online.Clear();
        if (!first)
        {
            foreach (var stream in _index.AllStreams())
            {
                stream.OnlineNext = stream.Steps;
            }
        }
        else if (_options.OnlineQueue)
        {
            for (var position = 0; position < _index.Count; position++)
            {
                _online.Advance(_index[position], length);
            }
        }
    }

    private WindowIndex NewIndex() => new(_options.Selectors.Prioritized > 0 ? new WindowPriorities(_options.Priorities) : null);

    private void PulseAll()
    {
        _samples.Pulse();
        _inserts.Pulse();
    }

    private async ValueTask Wait(Task change, WaitTracker tracker, CancellationToken cancellation)
    {
        try
        {
            await change.WaitAsync(cancellation);
        }
        finally
        {
            lock (_gate)
            {
                tracker.Leave();
                _stall.Update(_inserts.Waiting > 0 && _samples.Waiting > 0);
            }
        }
    }

    private void OnStall()
    {
        string message;
        lock (_gate)
        {
            message = $"actors and learner wait for each other: items {_index.Items} (needs {_limiter?.MinItems}), "
                + $"credit {_limiter?.Credit:0} (a batch needs {_limiter?.BatchSteps}, actors wait above {_limiter?.Tolerance:0}); docs/runbook.md#dreamerstalled";
        }

        Warning?.Invoke(message);
    }
}
