using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using Dreamer.Experience;
using StackExchange.Redis;

namespace Dreamer.Redis;

/// <summary>
/// Chunks in Redis. The payload is set plainly and expires by itself until one script commits it: marks, index record and
/// totals change together or not at all. The writer holds a lease; an older writer's commits are refused.
/// <list type="table">
/// <item><c>rb:{r}:c:&lt;id&gt;</c> string: an encoded chunk, its end in <c>rb:{r}:c:&lt;id&gt;:r</c> where <see cref="ValueSplit"/> says so</item>
/// <item><c>rb:{r}:idx</c> stream: one binary <see cref="ChunkRecord"/> per chunk, entry id = chunk id, in commit order</item>
/// <item><c>rb:{r}:streams</c> hash: stream -> next sequence (one hash: recovery reads it in one command)</item>
/// <item><c>rb:{r}:meta</c> hash: epoch, last id, steps ever committed, the replay's own blob</item>
/// </list>
/// </summary>
public sealed class RedisChunkStore : IChunkStore, IStoreHealth
{
    private const int RecoverPage = 10_000;
    private const int EvictBatch = 256;
    private static readonly TimeSpan DurablePoll = TimeSpan.FromMilliseconds(500);
    private static readonly DateTimeOffset EpochOrigin = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly RedisStoreOptions _options;
    private readonly TimeProvider _time;
    private readonly RedisConnection _connection;
    private readonly RedisConnection _bulk;
    private readonly RedisChunkReader _reader;
    private readonly Lock _gate = new();
    private readonly DurableMark _durable;
    private readonly RedisKey _meta;
    private readonly RedisKey _index;
    private readonly RedisKey _streams;
    private long _serverLast;
    private long _lastId;
    private byte[] _first = [];

    private RedisChunkStore(RedisStoreOptions options, TimeProvider time, RedisConnection connection, RedisConnection bulk, long epoch)
    {
        (_options, _time, _connection, _bulk, Epoch) = (options, time, connection, bulk, epoch);
        _reader = new RedisChunkReader(options);
        (_meta, _index, _streams) = (options.Key("meta"), options.Key("idx"), options.Key("streams"));
        _durable = new DurableMark(time, options.DurableAfter);

        // Ids of different epochs never meet, whatever a crash of the server made it forget.
        _lastId = epoch << 32;
    }

    /// <summary>Fencing number of this writer's lease.</summary>
    public long Epoch { get; }

    /// <summary>Whether the server writes an AOF; without one nothing survives its crash and everything counts as durable at once.</summary>
    public bool Persistent { get; private set; } = true;

    /// <summary>Where the newest weights are kept, on a connection of its own: big values must not hold up commits. Lives as long as the store.</summary>
    public RedisPolicyVault Vault => new(_options, _bulk);

    /// <summary>Connects and takes the writer's lease: any earlier writer is refused from here on.</summary>
    /// <exception cref="RedisUnavailableException">No Redis there, or it refuses the password.</exception>
    public static async Task<RedisChunkStore> OpenAsync(RedisStoreOptions options, TimeProvider time, CancellationToken cancellation)
    {
        var connection = await RedisConnection.OpenAsync(options, cancellation);
        var bulk = await RedisConnection.OpenAsync(options, cancellation);
        var lowest = (long)(time.GetUtcNow() - EpochOrigin).TotalSeconds;
        var epoch = await connection.Run(
            connection.Database.ScriptEvaluateAsync(RedisScripts.Open, [options.Key("meta")], [lowest]), cancellation);
        return new RedisChunkStore(options, time, connection, bulk, (long)epoch);
    }

    public async Task<StoreSnapshot> RecoverAsync(CancellationToken cancellation)
    {
        var epoch = (long)await Script(RedisScripts.Reopen, [_meta], [Epoch], cancellation);
        CheckEpoch(epoch == Epoch);
        var server = await _connection.InfoAsync("server", cancellation);
        var meta = (await _connection.Run(_connection.Database.HashGetAllAsync(_meta), cancellation))
            .ToDictionary(entry => (string)entry.Name!, entry => entry.Value);
        var streams = await _connection.Run(_connection.Database.HashGetAllAsync(_streams), cancellation);
        var records = ImmutableArray.CreateBuilder<ChunkRecord>();
        var from = "-";
        while (true)
        {
            var page = (RedisResult[]?)await _connection.Run(
                _connection.Database.ExecuteAsync("XRANGE", _index, from, "+", "COUNT", RecoverPage), cancellation) ?? [];
            foreach (var entry in page)
            {
                var fields = (RedisResult[]?)((RedisResult[]?)entry)![1];
                records.Add(ChunkRecord.Read((byte[]?)fields![1]));
            }

            if (page.Length < RecoverPage)
            {
                break;
            }

            from = $"({records[^1].Id}-0";
        }

        lock (_gate)
        {
            _serverLast = meta.TryGetValue("last", out var last) ? (long)last : 0;
            _lastId = Math.Max(_lastId, _serverLast);
            _durable.Recovered(server.GetValueOrDefault("run_id", ""), _serverLast);
        }

        return new StoreSnapshot(
            records.ToImmutable(),
            streams.ToDictionary(entry => StreamId.Read((byte[]?)entry.Name), entry => (long)entry.Value),
            meta.TryGetValue("steps", out var steps) ? (long)steps : 0,
            meta.TryGetValue("meta", out var blob) ? (byte[]?)blob : []);
    }

    public async ValueTask<AppendResult> CommitAsync(ChunkRecord record, ReadOnlyMemory<byte> encoded, CancellationToken cancellation)
    {
        // Used up whatever happens: a commit without an answer may still run, when its connection comes back to life, and then
        // its payload must not replace that of another.
        var id = ++_lastId;
        var stored = record with { Id = id, Bytes = encoded.Length };
        var binary = new byte[record.Size];
        stored.Write(binary);
        RedisKey payload = _options.Key($"c:{id}");
        RedisKey rest = _options.Key($"c:{id}{ValueSplit.RestSuffix}");
        var first = ValueSplit.First(encoded.Length);
        var whole = first == encoded.Length;

        // All leave together; the connection keeps their order, so a commit costs one round trip.
        var database = _connection.Database;
        var set = Task.WhenAll(
            database.StringSetAsync(payload, whole ? Whole(encoded) : FirstPart(encoded, first), _options.OrphanExpiry),
            whole ? Task.FromResult(true) : database.StringSetAsync(rest, encoded[first..].ToArray(), _options.OrphanExpiry));
        var commit = database.ScriptEvaluateAsync(
            RedisScripts.Commit,
            whole ? [_meta, _index, _streams, payload] : [_meta, _index, _streams, payload, rest],
            [Epoch, _serverLast, id, record.Stream.ToBytes(), record.Sequence, record.Sequence + 1, record.Steps, binary]);
        var commitAnswer = _connection.Run(commit, cancellation);
        try
        {
            await _connection.Run(set, cancellation);
        }
        catch
        {
            _first = [];
            await commitAnswer.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            throw;
        }

        var answer = (RedisValue[]?)await commitAnswer ?? [];
        switch ((string?)answer[0])
        {
            case "OK":
                lock (_gate)
                {
                    _serverLast = id;
                    _durable.Acknowledged(id);
                }

                return new AppendResult(CommitOutcome.Committed, record.Sequence + 1, id);
            case "SEQUENCE":
                var expected = (long)answer[1];
                return new AppendResult(record.Sequence < expected ? CommitOutcome.Duplicate : CommitOutcome.Gap, expected, 0);
            default:
                Refused(answer);
                throw new StoreUnavailableException(
                    $"the payload of chunk {record.Sequence} was gone before its commit: check that replay.redis '{_options.Endpoint}' has maxmemory-policy noeviction");
        }
    }

    public async ValueTask<long> DurableAsync(CancellationToken cancellation)
    {
        var server = await _connection.InfoAsync("server", cancellation);
        var persistence = await _connection.InfoAsync("persistence", cancellation);
        var meta = await _connection.Run(_connection.Database.HashGetAsync(_meta, ["last", "epoch"]), cancellation);
        CheckEpoch(meta[1].IsNull || (long)meta[1] == Epoch);
        var last = meta[0];
        lock (_gate)
        {
            Persistent = persistence.GetValueOrDefault("aof_enabled") == "1";
            _durable.Observe(
                server.GetValueOrDefault("run_id", ""),
                last.IsNull ? 0 : (long)last,
                Persistent,
                healthy: !Persistent || persistence.GetValueOrDefault("aof_last_write_status") == "ok");
            return _durable.Value;
        }
    }

    public IReadOnlyList<string> Servers => [_options.Endpoint];

    public async ValueTask<IReadOnlyList<StoreHealth>> HealthAsync(CancellationToken cancellation)
    {
        var memory = await _connection.InfoAsync("memory", cancellation);
        var persistence = await _connection.InfoAsync("persistence", cancellation);
        static long Number(Dictionary<string, string> info, string key) =>
            long.TryParse(info.GetValueOrDefault(key), CultureInfo.InvariantCulture, out var number) ? number : 0;
        return
        [
            new StoreHealth(
                _options.Endpoint,
                Number(memory, "used_memory"),
                Number(memory, "maxmemory"),
                Number(persistence, "aof_enabled") == 1 && persistence.GetValueOrDefault("aof_last_write_status") == "ok",
                Number(persistence, "aof_current_size")),
        ];
    }

    public async Task FlushAsync(CancellationToken cancellation)
    {
        while (await DurableAsync(cancellation) < LastAcknowledged())
        {
            await Task.Delay(DurablePoll, _time, cancellation);
        }
    }

    public async Task EvictAsync(IReadOnlyList<long> ids, CancellationToken cancellation)
    {
        for (var first = 0; first < ids.Count; first += EvictBatch)
        {
            var batch = ids.Skip(first).Take(EvictBatch).ToArray();
            var answer = await Script(
                RedisScripts.Evict,
                [_meta, _index, _streams, .. batch.SelectMany(id => new RedisKey[] { _options.Key($"c:{id}"), _options.Key($"c:{id}{ValueSplit.RestSuffix}") })],
                [Epoch, .. batch.Select(id => (RedisValue)id)],
                cancellation);
            Refused((RedisValue[]?)answer ?? []);
        }
    }

    public async Task ForgetAsync(IReadOnlyList<StreamId> streams, CancellationToken cancellation) => Refused(
        (RedisValue[]?)await Script(RedisScripts.Forget, [_meta, _streams], [Epoch, .. streams.Select(stream => (RedisValue)stream.ToBytes())], cancellation) ?? []);

    public async Task SaveMetaAsync(ReadOnlyMemory<byte> meta, CancellationToken cancellation) =>
        Refused((RedisValue[]?)await Script(RedisScripts.SaveMeta, [_meta], [Epoch, Whole(meta)], cancellation) ?? []);

    public ValueTask<ChunkPayloads> ReadAsync(ReadOnlyMemory<long> ids, CancellationToken cancellation) => _reader.ReadAsync(ids, cancellation);

    public ValueTask<ChunkPayloads> ReadAsync(BatchPlan plan, CancellationToken cancellation) => _reader.ReadAsync(plan, cancellation);

    public async ValueTask DisposeAsync()
    {
        await _reader.DisposeAsync();
        await _bulk.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private Task<RedisResult> Script(string script, RedisKey[] keys, RedisValue[] values, CancellationToken cancellation) =>
        _connection.Run(_connection.Database.ScriptEvaluateAsync(script, keys, values), cancellation);

    private long LastAcknowledged()
    {
        lock (_gate)
        {
            return _durable.Last;
        }
    }

    private void Refused(RedisValue[] answer)
    {
        var word = answer.Length > 0 ? (string?)answer[0] : null;
        CheckEpoch(word != "FENCED");
        if (word == "REWOUND")
        {
            throw new StoreRewoundException($"replay.redis '{_options.Endpoint}' restarted and lost its newest commits");
        }
    }

    private void CheckEpoch(bool mine)
    {
        if (!mine)
        {
            throw new StoreFencedException(
                $"another replay service writes to replay.redis '{_options.Endpoint}' under '{_options.Prefix}': end one of the two or give it a Redis of its own");
        }
    }

    // Commits come one at a time and chunks are mostly of one size: one array serves, until it may still be on its way.
    private byte[] FirstPart(ReadOnlyMemory<byte> encoded, int length)
    {
        if (_first.Length != length)
        {
            _first = GC.AllocateUninitializedArray<byte>(length);
        }

        encoded.Span[..length].CopyTo(_first);
        return _first;
    }

    // The client takes whole arrays.
    private static byte[] Whole(ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out var segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length
            ? segment.Array
            : bytes.ToArray();
}
