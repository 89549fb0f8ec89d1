using System.Collections.Immutable;
using Dreamer.Experience;

namespace Dreamer.Redis;

/// <summary>
/// Chunks in Redis, in as many shards <c>r</c> as <c>replay.redis</c> makes. The writer holds a lease on each; an older
/// writer's commits are refused. Every stream lies in one shard, so what survives there is a prefix of it.
/// <list type="table">
/// <item><c>rb:{r}:c:&lt;id&gt;</c> string: an encoded chunk, its end in <c>rb:{r}:c:&lt;id&gt;:r</c> where <see cref="ValueSplit"/> says so</item>
/// <item><c>rb:{r}:idx</c> stream: one binary <see cref="ChunkRecord"/> per chunk, entry id = chunk id, in commit order</item>
/// <item><c>rb:{r}:streams</c> hash: stream -> next sequence (one hash: recovery reads it in one command)</item>
/// <item><c>rb:{r}:meta</c> hash: epoch, number of shards, last id, steps ever committed; in shard 0 the replay's own blob</item>
/// </list>
/// </summary>
public sealed class RedisChunkStore : IChunkStore, IStoreHealth
{
    private static readonly TimeSpan DurablePoll = TimeSpan.FromMilliseconds(500);
    private static readonly DateTimeOffset EpochOrigin = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly TimeProvider _time;
    private readonly RedisShards _servers;
    private readonly RedisConnection _bulk;
    private readonly RedisChunkReader _reader;
    private readonly Lock _gate = new();
    private readonly ImmutableArray<RedisShard> _shards;
    private long _lastId;

    private RedisChunkStore(TimeProvider time, RedisShards servers, RedisConnection bulk)
    {
        (_time, _servers, _bulk) = (time, servers, bulk);
        _reader = new RedisChunkReader(servers.Options);
        _shards = [.. servers.Options.Select(shard => new RedisShard(
            shard, servers.Connection(shard.Shard), new DurableMark(time, shard.DurableAfter), _gate))];
    }

    /// <summary>Fencing number of this writer's lease.</summary>
    public long Epoch { get; private set; }

    /// <summary>Whether every server writes an AOF; without one nothing survives its crash and everything counts as durable at once.</summary>
    public bool Persistent => _shards.All(shard => shard.Persistent);

    /// <summary>Shards that the streams are spread over.</summary>
    public int Shards => _shards.Length;

    /// <summary>Where the newest weights are kept, on a connection of its own: big values must not hold up commits. Lives as long as the store.</summary>
    public RedisPolicyVault Vault => new(_servers.Options[0], _bulk);

    /// <summary>Connects and takes the writer's lease: any earlier writer is refused from here on.</summary>
    /// <exception cref="RedisUnavailableException">No Redis there, it refuses the password, or it holds other shards.</exception>
    /// <exception cref="StoreFencedException">A later writer took over meanwhile.</exception>
    public static async Task<RedisChunkStore> OpenAsync(RedisStoreOptions options, TimeProvider time, CancellationToken cancellation)
    {
        var servers = await RedisShards.ConnectAsync(options, cancellation);
        RedisConnection? bulk = null;
        try
        {
            var highest = await servers.CheckAsync(cancellation);
            bulk = await RedisConnection.OpenAsync(servers.Options[0], cancellation);
            var store = new RedisChunkStore(time, servers, bulk);
            await store.LeaseAsync(Math.Max(highest + 1, (long)(time.GetUtcNow() - EpochOrigin).TotalSeconds), cancellation);
            return store;
        }
        catch
        {
            await (bulk?.DisposeAsync() ?? default);
            await servers.DisposeAsync();
            throw;
        }
    }

    public async Task<StoreSnapshot> RecoverAsync(CancellationToken cancellation)
    {
        var found = await Task.WhenAll(_shards.Select(shard => shard.RecoverAsync(Epoch, Shards, cancellation)));
        _lastId = Math.Max(_lastId, LastAcknowledged());
        return new StoreSnapshot(
            [.. found.SelectMany(shard => shard.Records).OrderBy(record => record.Id)],
            found.SelectMany(shard => shard.NextSequences).ToDictionary(),
            found.Sum(shard => shard.TotalSteps),
            found[0].Meta);
    }

    public ValueTask<AppendResult> CommitAsync(ChunkRecord record, ReadOnlyMemory<byte> encoded, CancellationToken cancellation)
    {
        // An id is tried once: what a broken connection may still deliver never overwrites another chunk.
        var shard = RedisShards.Of(record.Stream, Shards);
        _lastId = RedisShards.NextId(_lastId, shard, Shards);
        return _shards[shard].CommitAsync(Epoch, _lastId, record, encoded, cancellation);
    }

    public async ValueTask<long> DurableAsync(CancellationToken cancellation)
    {
        await Task.WhenAll(_shards.Select(shard => shard.ObserveAsync(Epoch, cancellation)));
        lock (_gate)
        {
            return Math.Min(LastAcknowledged(), _shards.Min(shard => shard.Durable.Through));
        }
    }

    /// <summary>Addresses; a Cluster is one server, which has what its nodes have together.</summary>
    public IReadOnlyList<string> Servers => [.. _servers.Options.Select(shard => shard.Endpoint).Distinct()];

    public async ValueTask<IReadOnlyList<StoreHealth>> HealthAsync(CancellationToken cancellation)
    {
        var asked = _shards.Select(shard => shard.HealthAsync(cancellation)).ToArray();
        await ((Task)Task.WhenAll(asked)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!asked.Any(answer => answer.IsCompletedSuccessfully))
        {
            await asked[0];
        }

        return
        [
            .. asked.Where(answer => answer.IsCompletedSuccessfully).Select(answer => answer.Result).DistinctBy(answer => answer.RunId)
                .GroupBy(answer => answer.Health.Server, answer => answer.Health)
                .Select(nodes => new StoreHealth(
                    nodes.Key, nodes.Sum(node => node.MemoryBytes), nodes.Sum(node => node.MemoryLimitBytes), nodes.All(node => node.JournalOk), nodes.Sum(node => node.JournalBytes))),
        ];
    }

    public async Task FlushAsync(CancellationToken cancellation)
    {
        while (await DurableAsync(cancellation) < LastAcknowledged())
        {
            await Task.Delay(DurablePoll, _time, cancellation);
        }
    }

    public Task EvictAsync(IReadOnlyList<long> ids, CancellationToken cancellation) =>
        Task.WhenAll(ids.GroupBy(id => RedisShards.Of(id, Shards)).Select(part => _shards[part.Key].EvictAsync(Epoch, part, cancellation)));

    public Task ForgetAsync(IReadOnlyList<StreamId> streams, CancellationToken cancellation) =>
        Task.WhenAll(streams.GroupBy(stream => RedisShards.Of(stream, Shards)).Select(part => _shards[part.Key].ForgetAsync(Epoch, part, cancellation)));

    public Task SaveMetaAsync(ReadOnlyMemory<byte> meta, CancellationToken cancellation) => _shards[0].SaveMetaAsync(Epoch, meta, cancellation);

    public ValueTask<ChunkPayloads> ReadAsync(ReadOnlyMemory<long> ids, CancellationToken cancellation) => _reader.ReadAsync(ids, cancellation);

    public ValueTask<ChunkPayloads> ReadAsync(BatchPlan plan, CancellationToken cancellation) => _reader.ReadAsync(plan, cancellation);

    public async ValueTask DisposeAsync()
    {
        await _reader.DisposeAsync();
        await _bulk.DisposeAsync();
        await _servers.DisposeAsync();
    }

    /// <summary>Shard 0 decides between two that begin at once; the later of them then takes the others as well.</summary>
    private async Task LeaseAsync(long epoch, CancellationToken cancellation)
    {
        while (!await _shards[0].TakeAsync(epoch, Shards, cancellation))
        {
            epoch++;
        }

        foreach (var shard in _shards[1..])
        {
            shard.CheckEpoch(await shard.TakeAsync(epoch, Shards, cancellation));
        }

        // Ids of different epochs never meet, whatever a crash of a server made it forget.
        (Epoch, _lastId) = (epoch, epoch << 32);
    }

    private long LastAcknowledged()
    {
        lock (_gate)
        {
            return _shards.Max(shard => shard.Durable.Last);
        }
    }
}
