using System.Collections.Immutable;

namespace Dreamer.Experience;

// The way in: limiter, validation, commit, index, eviction; and recovery when the store failed.
public sealed partial class ReplayBuffer
{
    /// <summary>Completes when the limiter lets an actor send so many steps (<see cref="RateLimiter.Promise"/>): one after another, in the order in which they ask.</summary>
    public async ValueTask AdmitAsync(int steps, CancellationToken cancellation)
    {
        await QueueAsync(cancellation);
        try
        {
            await WaitForInsertAsync(limiter => limiter.Promise(steps, _index.Items), cancellation);
        }
        finally
        {
            LeaveQueue();
        }
    }

    /// <summary>Waits for the limiter, then appends. One at a time, so the limiter is overshot by one chunk at most.</summary>
    public async ValueTask<AppendResult> InsertAsync(Chunk chunk, CancellationToken cancellation)
    {
        Check(chunk);
        await QueueAsync(cancellation);
        try
        {
            await WaitForInsertAsync(limiter => limiter.CanInsert(_index.Items), cancellation);
            return await AppendAsync(chunk, cancellation);
        }
        finally
        {
            LeaveQueue();
        }
    }

    /// <summary>Validates, stores and indexes a chunk without asking the limiter. Repeating one changes nothing.</summary>
    /// <exception cref="InvalidChunkException">Refused; nothing changed.</exception>
    /// <exception cref="LimitExceededException">One stream too many; nothing changed.</exception>
    /// <exception cref="StoreFullException">No room; nothing changed.</exception>
    /// <exception cref="StoreUnavailableException">Unknown outcome: send it again, from <see cref="NextSequence"/>.</exception>
    public async ValueTask<AppendResult> AppendAsync(Chunk chunk, CancellationToken cancellation)
    {
        var schema = Check(chunk);
        using var span = ChunkTraces.Commit(chunk);
        var encoded = ChunkCodec.Encode(chunk, schema, _options.Compression, RecycledArrays.Rent);
        var last = chunk.Columns[schema.IsLastIndex];
        var record = new ChunkRecord(
            0, chunk.Stream, chunk.Sequence, chunk.Steps, encoded.Count, chunk.EndsStream,
            Abandoned: chunk.EndsStream && last.Span[^1] == 0, [.. Enumerable.Range(0, chunk.Steps).Where(step => last.Span[step] != 0)]);
        await _turn.WaitAsync(cancellation);
        try
        {
            // Not cancelled half way: a sender that leaves must not leave the index behind the store.
            var result = await CommitAsync(record, encoded, CancellationToken.None);
            lock (_gate)
            {
                _counters.StoreFull = false;
                switch (result.Outcome)
                {
                    case CommitOutcome.Duplicate:
                        _counters.Duplicates++;
                        break;
                    case CommitOutcome.Gap:
                        _counters.Gaps++;
                        break;
                    default:
                        Index(record with { Id = result.Id }, chunk.Episodes);
                        _traces.Committed(result.Id, span);
                        break;
                }
            }

            RecycledArrays.Return(encoded.Array!);
            await HousekeepAsync(CancellationToken.None);
            return result;
        }
        catch (StoreFullException)
        {
            lock (_gate)
            {
                _counters.StoreFull = true;
            }

            throw;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Takes scores of an evaluation actor for the learner's next plan; they change nothing else.</summary>
    /// <exception cref="InvalidChunkException">One is refused; none was taken.</exception>
    public void Report(IReadOnlyList<EvaluatedEpisode> episodes)
    {
        foreach (var episode in episodes)
        {
            ChunkValidator.Validate(episode);
        }

        lock (_gate)
        {
            foreach (var episode in episodes)
            {
                if (_evaluations.Count == MaxEpisodes)
                {
                    _evaluations.Dequeue();
                }

                _evaluations.Enqueue(episode);
            }
        }
    }

    /// <summary>
    /// Some of the plan's payload was gone: it counts as never drawn, and the index is read again, because the store has forgotten something.
    /// Plans that are not out are ignored.
    /// </summary>
    public async ValueTask ReturnAsync(long planId, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (!_plans.Release(planId))
            {
                return;
            }

            _limiter?.Return();
        }

        await _turn.WaitAsync(cancellation);
        try
        {
            _mustRecover = true;
            await RecoverAsync(CancellationToken.None);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Counts a chunk that was refused before it got here.</summary>
    public void CountRefused()
    {
        lock (_gate)
        {
            _counters.Refused++;
        }
    }

    private async ValueTask QueueAsync(CancellationToken cancellation)
    {
        Interlocked.Increment(ref _queued);
        try
        {
            await _admission.WaitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            Interlocked.Decrement(ref _queued);
            throw;
        }
    }

    private void LeaveQueue()
    {
        Interlocked.Decrement(ref _queued);
        _admission.Release();
    }

    private async ValueTask WaitForInsertAsync(Func<RateLimiter, bool> mayInsert, CancellationToken cancellation)
    {
        while (true)
        {
            Task change;
            lock (_gate)
            {
                if (_limiter is null ? _inserted < _options.HeadStartSteps : mayInsert(_limiter))
                {
                    return;
                }

                change = _inserts.Enter();
                _stall.Update(_inserts.Waiting > 0 && _samples.Waiting > 0);
            }

            await Wait(change, _inserts, cancellation);
        }
    }

    private Schema Check(Chunk chunk)
    {
        try
        {
            var schema = Schema ?? throw new InvalidChunkException("no schema was announced: open the writer with one first");
            ChunkValidator.Validate(chunk, schema, _options.ChunkSteps);
            return schema;
        }
        catch (InvalidChunkException)
        {
            CountRefused();
            throw;
        }
    }

    /// <summary>Commits under the turn. After any failure whose outcome is unknown the index is read again first.</summary>
    private async ValueTask<AppendResult> CommitAsync(ChunkRecord record, ReadOnlyMemory<byte> encoded, CancellationToken cancellation)
    {
        for (var attempt = 0; ; attempt++)
        {
            if (_mustRecover)
            {
                await RecoverAsync(cancellation);
            }

            var next = NextSequence(record.Stream);
            if (record.Sequence != next)
            {
                return new AppendResult(record.Sequence < next ? CommitOutcome.Duplicate : CommitOutcome.Gap, next, 0);
            }

            MakeRoom(record.Stream);

            try
            {
                return await _store.CommitAsync(record, encoded, cancellation);
            }
            catch (StoreRewoundException) when (attempt == 0)
            {
                _mustRecover = true;
            }
            catch (Exception error) when (error is not (StoreFullException or StoreFencedException))
            {
                _mustRecover = true;
                throw;
            }
        }
    }

    /// <summary>Sees to it that one more stream may be remembered.</summary>
    private void MakeRoom(StreamId stream)
    {
        lock (_gate)
        {
            while (_index.Streams >= _options.MaxStreams && _index.Find(stream) is null)
            {
                if (!_index.TryForget(out var forgotten))
                {
                    throw new LimitExceededException(
                        $"{_index.Streams} streams have chunks here, which is replay.limits.streams: raise it, or lower replay.capacity_steps so that chunks leave earlier");
                }

                _forgotten.Add(forgotten);
            }
        }
    }

    private async Task RecoverAsync(CancellationToken cancellation)
    {
        var snapshot = await _store.RecoverAsync(cancellation);
        long lost;
        lock (_gate)
        {
            lost = Rebuild(snapshot);
            _limiter?.CorrectInserted(_inserted);
            _metaDirty = true;
            PulseAll();
        }

        _mustRecover = false;
        if (lost > 0)
        {
            Warning?.Invoke($"the store restarted and lost its newest {lost} chunks: actors send them again (docs/runbook.md#dreamerstorelostchunks)");
        }
    }

    /// <summary>Replaces the index by what the store holds; returns how many chunks it had that the store has no more.</summary>
    private long Rebuild(StoreSnapshot snapshot)
    {
        var old = _index;
        var index = NewIndex();
        foreach (var (stream, next) in snapshot.NextSequences)
        {
            index.Remember(stream, next);
        }

        var stored = new Dictionary<long, IndexedChunk>(snapshot.Records.Length);
        foreach (var record in snapshot.Records)
        {
            if (stored.ContainsKey(record.Id))
            {
                throw new StoreDamagedException($"the replay's index names chunk {record.Id} twice: restore the store from a backup, or empty it and start with fresh experience");
            }

            stored.Add(record.Id, index.Add(record));
        }

        var lost = 0L;
        for (var position = 0; position < old.Count; position++)
        {
            lost += stored.ContainsKey(old[position].Record.Id) ? 0 : 1;
        }

        _notDurable.Clear();
        _online.Clear();
        index.SetLength(_learner?.Length ?? 0);
        var last = snapshot.Records is [.., var newest] ? newest.Id : 0;
        foreach (var stream in index.AllStreams())
        {
            stream.OnlineNext = stream.Steps;
            stream.DurableSequence = Math.Min(stream.NextSequence, old.Find(stream.Id)?.DurableSequence ?? 0);
            _notDurable.Enqueue((last, stream, stream.NextSequence - 1));
        }

        _plans.Rebind(stored);
        _index = index;
        _inserted = snapshot.TotalSteps;
        _counters.Lost += lost;
        return lost;
    }

    private void Index(ChunkRecord record, ImmutableArray<Episode> episodes)
    {
        var chunk = _index.Add(record);
        _counters.Committed++;
        _notDurable.Enqueue((record.Id, chunk.Stream, record.Sequence));
        foreach (var episode in episodes)
        {
            if (_episodes.Count == MaxEpisodes)
            {
                _episodes.Dequeue();
            }

            _episodes.Enqueue(new FinishedEpisode(_inserted + episode.EndStep + 1, episode.Return, episode.Length, episode.Facts));
        }

        _inserted += record.Steps;
        if (_options.OnlineQueue && _index.Length > 0)
        {
            _online.Advance(chunk, _index.Length);
        }

        while (_index.Count > 1 && (_index.Bytes > _options.CapacityBytes || _index.Steps > _options.CapacitySteps))
        {
            if (_limiter is { } starved && _index.Items < starved.MinItems && !_counters.CapacityWarned)
            {
                _counters.CapacityWarned = true;
                var message = $"the replay is full with {_index.Items} windows, but training needs {starved.MinItems}: raise replay.capacity_bytes or replay.capacity_steps";
                ThreadPool.QueueUserWorkItem(_ => Warning?.Invoke(message));
            }

            _plans.Evicted(_index.RemoveOldest());
            _counters.Evicted++;
        }

        if (_limiter?.Insert(record.Steps, _index.Items) == true)
        {
            _metaDirty = true;
        }

        _samples.Pulse();
        _inserts.Pulse();
    }

    /// <summary>Saves what changed and deletes what nobody reads; what fails here is tried again with the next chunk.</summary>
    private async ValueTask HousekeepAsync(CancellationToken cancellation)
    {
        byte[]? meta = null;
        long[] deletable;
        StreamId[] forgotten;
        lock (_gate)
        {
            deletable = [.. _plans.Deletable];
            _plans.Deletable.Clear();
            forgotten = [.. _forgotten];
            _forgotten.Clear();
            if (_metaDirty)
            {
                meta = new ReplayMeta(_schema?.ToString(), _limiter?.State ?? _savedLimiter).Write();
                _metaDirty = false;
            }
        }

        try
        {
            if (meta is not null)
            {
                await _store.SaveMetaAsync(meta, cancellation);
                meta = null;
            }

            if (deletable.Length > 0)
            {
                await _store.EvictAsync(deletable, cancellation);
                deletable = [];
            }

            if (forgotten.Length > 0)
            {
                await _store.ForgetAsync(forgotten, cancellation);
                forgotten = [];
            }
        }
        catch (Exception error) when (error is StoreUnavailableException or StoreFullException or StoreRewoundException or OperationCanceledException)
        {
            // The chunk itself is committed, and the caller must learn that.
        }
        finally
        {
            lock (_gate)
            {
                _metaDirty |= meta is not null;
                _plans.Deletable.AddRange(deletable);
                _forgotten.AddRange(forgotten);
            }
        }
    }
}
