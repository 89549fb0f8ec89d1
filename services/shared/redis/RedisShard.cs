using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using Dreamer.Experience;
using StackExchange.Redis;

namespace Dreamer.Redis;

/// <summary>
/// One shard as its writer sees it. The payload is set plainly and expires by itself until one script commits it: marks,
/// index record and totals change together or not at all.
/// </summary>
/// <param name="options">Its server and number.</param>
/// <param name="connection">Maybe shared with other shards.</param>
/// <param name="durable">Guarded by the gate.</param>
/// <param name="gate">Of the store: what is durable is judged over all shards at one moment.</param>
internal sealed class RedisShard(RedisStoreOptions options, RedisConnection connection, DurableMark durable, Lock gate)
{
    private const int RecoverPage = 10_000;
    private const int EvictBatch = 256;

    private readonly RedisKey _meta = options.Key("meta");
    private readonly RedisKey _index = options.Key("idx");
    private readonly RedisKey _streams = options.Key("streams");
    private long _serverLast;
    private byte[] _first = [];

    /// <summary>What is durable; lock the store's gate.</summary>
    public DurableMark Durable => durable;

    /// <summary>Whether the server writes an AOF.</summary>
    public bool Persistent { get; private set; } = true;

    /// <summary>Takes the writer's lease; false where somebody holds this epoch or a later one.</summary>
    public async Task<bool> TakeAsync(long epoch, int shards, CancellationToken cancellation) =>
        (bool)await Script(RedisScripts.Take, [_meta], [epoch, shards], cancellation);

    public async Task<StoreSnapshot> RecoverAsync(long epoch, int shards, CancellationToken cancellation)
    {
        CheckEpoch((long)await Script(RedisScripts.Reopen, [_meta], [epoch, shards], cancellation) == epoch);
        var state = await StateAsync(cancellation);
        var meta = (await connection.Run(connection.Database.HashGetAllAsync(_meta), cancellation))
            .ToDictionary(entry => (string)entry.Name!, entry => entry.Value);
        var streams = await connection.Run(connection.Database.HashGetAllAsync(_streams), cancellation);
        var records = ImmutableArray.CreateBuilder<ChunkRecord>();
        var from = "-";
        while (true)
        {
            var page = (RedisResult[]?)await connection.Run(
                connection.Database.ExecuteAsync("XRANGE", _index, from, "+", "COUNT", RecoverPage), cancellation) ?? [];
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

        lock (gate)
        {
            _serverLast = meta.TryGetValue("last", out var last) ? (long)last : 0;
            durable.Recovered(RunId(state.Info), _serverLast);
        }

        return new StoreSnapshot(
            records.ToImmutable(),
            streams.ToDictionary(entry => StreamId.Read((byte[]?)entry.Name), entry => (long)entry.Value),
            meta.TryGetValue("steps", out var steps) ? (long)steps : 0,
            meta.TryGetValue("meta", out var blob) ? (byte[]?)blob : []);
    }

    public async ValueTask<AppendResult> CommitAsync(long epoch, long id, ChunkRecord record, ReadOnlyMemory<byte> encoded, CancellationToken cancellation)
    {
        var stored = record with { Id = id, Bytes = encoded.Length };
        var binary = new byte[record.Size];
        stored.Write(binary);
        RedisKey payload = options.Key($"c:{id}");
        RedisKey rest = options.Key($"c:{id}{ValueSplit.RestSuffix}");
        var first = ValueSplit.First(encoded.Length);
        var whole = first == encoded.Length;

        // All leave together; the connection keeps their order, so a commit costs one round trip.
        var database = connection.Database;
        var set = Task.WhenAll(
            database.StringSetAsync(payload, whole ? Whole(encoded) : FirstPart(encoded, first), options.OrphanExpiry),
            whole ? Task.FromResult(true) : database.StringSetAsync(rest, encoded[first..].ToArray(), options.OrphanExpiry));
        var commit = database.ScriptEvaluateAsync(
            RedisScripts.Commit,
            whole ? [_meta, _index, _streams, payload] : [_meta, _index, _streams, payload, rest],
            [epoch, _serverLast, id, record.Stream.ToBytes(), record.Sequence, record.Sequence + 1, record.Steps, binary]);
        var commitAnswer = connection.Run(commit, cancellation);
        try
        {
            await connection.Run(set, cancellation);
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
                lock (gate)
                {
                    _serverLast = id;
                    durable.Acknowledged(id);
                }

                return new AppendResult(CommitOutcome.Committed, record.Sequence + 1, id);
            case "SEQUENCE":
                var expected = (long)answer[1];
                return new AppendResult(record.Sequence < expected ? CommitOutcome.Duplicate : CommitOutcome.Gap, expected, 0);
            default:
                Refused(answer);
                throw new StoreUnavailableException(
                    $"the payload of chunk {record.Sequence} was gone before its commit: check that replay.redis '{options.Endpoint}' has maxmemory-policy noeviction");
        }
    }

    /// <summary>Asks the server about itself and moves the mark.</summary>
    /// <exception cref="StoreFencedException">The lease is another writer's.</exception>
    public async Task ObserveAsync(long epoch, CancellationToken cancellation)
    {
        var (info, last, inForce) = await StateAsync(cancellation);
        CheckEpoch(inForce is null || inForce == epoch);
        lock (gate)
        {
            Persistent = HasAof(info);
            durable.Observe(RunId(info), last, Persistent, healthy: !Persistent || WritesAof(info));
        }
    }

    /// <summary>How its server is doing, and which life of it.</summary>
    public async Task<(string RunId, StoreHealth Health)> HealthAsync(CancellationToken cancellation)
    {
        var (info, _, _) = await StateAsync(cancellation);
        long Number(string key) => long.TryParse(info.GetValueOrDefault(key), CultureInfo.InvariantCulture, out var number) ? number : 0;
        return (RunId(info), new StoreHealth(
            options.Endpoint, Number("used_memory"), Number("maxmemory"), HasAof(info) && WritesAof(info), Number("aof_current_size")));
    }

    public async Task EvictAsync(long epoch, IEnumerable<long> ids, CancellationToken cancellation)
    {
        foreach (var batch in ids.Chunk(EvictBatch))
        {
            Refused((RedisValue[]?)await Script(
                RedisScripts.Evict,
                [_meta, _index, _streams, .. batch.SelectMany(id => new RedisKey[] { options.Key($"c:{id}"), options.Key($"c:{id}{ValueSplit.RestSuffix}") })],
                [epoch, .. batch.Select(id => (RedisValue)id)],
                cancellation) ?? []);
        }
    }

    public async Task ForgetAsync(long epoch, IEnumerable<StreamId> streams, CancellationToken cancellation) =>
        Refused((RedisValue[]?)await Script(RedisScripts.Forget, [_meta, _streams], [epoch, .. streams.Select(stream => (RedisValue)stream.ToBytes())], cancellation) ?? []);

    public async Task SaveMetaAsync(long epoch, ReadOnlyMemory<byte> meta, CancellationToken cancellation) =>
        Refused((RedisValue[]?)await Script(RedisScripts.SaveMeta, [_meta], [epoch, Whole(meta)], cancellation) ?? []);

    /// <exception cref="StoreFencedException">The lease is another writer's.</exception>
    public void CheckEpoch(bool mine)
    {
        if (!mine)
        {
            throw new StoreFencedException(
                $"another replay service writes to replay.redis '{options.Endpoint}' under '{options.Prefix}': end one of the two or give it a Redis of its own");
        }
    }

    private async Task<(Dictionary<string, string> Info, long Last, long? Epoch)> StateAsync(CancellationToken cancellation)
    {
        // By script, because a command of its own has no key by which the client would find the shard's node.
        var answer = (RedisValue[]?)await Script(RedisScripts.State, [_meta], [], cancellation) ?? [];
        return (RedisConnection.Info((string?)answer[0] ?? ""), (long)answer[1], (string?)answer[2] is { Length: > 0 } epoch ? long.Parse(epoch, CultureInfo.InvariantCulture) : null);
    }

    private static string RunId(Dictionary<string, string> info) => info.GetValueOrDefault("run_id", "");

    private static bool HasAof(Dictionary<string, string> info) => info.GetValueOrDefault("aof_enabled") == "1";

    private static bool WritesAof(Dictionary<string, string> info) => info.GetValueOrDefault("aof_last_write_status") == "ok";

    private Task<RedisResult> Script(string script, RedisKey[] keys, RedisValue[] values, CancellationToken cancellation) =>
        connection.Run(connection.Database.ScriptEvaluateAsync(script, keys, values), cancellation);

    private void Refused(RedisValue[] answer)
    {
        var word = answer.Length > 0 ? (string?)answer[0] : null;
        CheckEpoch(word != "FENCED");
        if (word == "REWOUND")
        {
            throw new StoreRewoundException($"replay.redis '{options.Endpoint}' restarted and lost its newest commits");
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
