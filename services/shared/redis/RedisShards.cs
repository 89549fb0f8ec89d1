using System.Collections.Immutable;
using Dreamer.Experience;
using StackExchange.Redis;

namespace Dreamer.Redis;

/// <summary>
/// Where chunks lie: one shard per server that is named, or <see cref="ClusterShards"/> in a Redis Cluster, whose nodes share
/// them out by hash tag. A stream's id tells its shard, and so does a chunk's: <c>id mod shards</c>.
/// </summary>
internal sealed class RedisShards : IAsyncDisposable
{
    /// <summary>Shards of a Cluster, whatever its nodes: they can be shared out anew, and a number that is fixed never has to be migrated.</summary>
    public const int ClusterShards = 16;

    /// <summary>Most servers that can be named.</summary>
    public const int MostShards = 64;

    private readonly RedisStoreOptions _options;
    private readonly ImmutableArray<RedisConnection> _connections;

    private RedisShards(RedisStoreOptions options, ImmutableArray<RedisConnection> connections)
    {
        (_options, _connections) = (options, connections);
        Options = Split(options, connections[0].Cluster);
    }

    /// <summary>Each shard by itself.</summary>
    public ImmutableArray<RedisStoreOptions> Options { get; }

    public int Count => Options.Length;

    /// <summary>Connects to every server, or to the nodes of the Cluster.</summary>
    /// <exception cref="RedisUnavailableException">One does not answer, or it refuses the password.</exception>
    public static async Task<RedisShards> ConnectAsync(RedisStoreOptions options, CancellationToken cancellation)
    {
        var first = await RedisConnection.OpenAsync(options, cancellation);
        if (first.Cluster || options.Addresses.Length == 1)
        {
            return new RedisShards(options, [first]);
        }

        await first.DisposeAsync();
        var connections = ImmutableArray.CreateBuilder<RedisConnection>();
        try
        {
            foreach (var address in options.Addresses)
            {
                connections.Add(await RedisConnection.OpenAsync(options with { Endpoint = address }, cancellation));
            }

            return new RedisShards(options, connections.ToImmutable());
        }
        catch
        {
            await DisposeAsync(connections);
            throw;
        }
    }

    /// <summary>Each shard by itself.</summary>
    public static ImmutableArray<RedisStoreOptions> Split(RedisStoreOptions options, bool cluster) =>
    [
        .. Enumerable.Range(0, cluster ? ClusterShards : options.Addresses.Length)
            .Select(shard => options with { Shard = shard, Endpoint = cluster ? options.Endpoint : options.Addresses[shard] }),
    ];

    /// <summary>What to say when the servers that are named are not those that hold the experience.</summary>
    public static RedisUnavailableException Misnamed(RedisStoreOptions options, int shards, long begunWith) => new(
        $"replay.redis '{options.Endpoint}' makes {shards} shards, but the experience there lies in {begunWith}: "
        + "name the servers that the run began with, in their order, or begin with empty ones (FLUSHALL)");

    /// <summary>What to say when a server holds another shard than the one it is named as.</summary>
    public static RedisUnavailableException Misplaced(RedisStoreOptions options, RedisStoreOptions shard) => new(
        $"replay.redis '{options.Endpoint}' names '{shard.Endpoint}' as shard {shard.Shard}, but another shard lies there: "
        + "name the servers that the run began with, in their order, or begin with empty ones (FLUSHALL)");

    /// <summary>The keys by which every other shard that there can be is known. Not its own: that one may be written at this moment.</summary>
    public static IEnumerable<string> OtherMeta(RedisStoreOptions shard) =>
        Enumerable.Range(0, MostShards).Where(number => number != shard.Shard).Select(number => (shard with { Shard = number }).Key("meta"));

    /// <summary>The shard of a stream: stream ids are random.</summary>
    public static int Of(StreamId stream, int shards) => (int)(stream.Value % (uint)shards);

    /// <summary>The shard of a chunk.</summary>
    public static int Of(long id, int shards) => (int)(id % shards);

    /// <summary>The lowest id above another that belongs to a shard.</summary>
    public static long NextId(long after, int shard, int shards) => after + 1 + ((shard - Of(after + 1, shards) + shards) % shards);

    public RedisConnection Connection(int shard) => _connections[shard % _connections.Length];

    /// <summary>Refuses servers that hold another store's shards; the answer is the highest epoch that any of them knows.</summary>
    /// <exception cref="RedisUnavailableException">The number or the order of the servers is not the one that the store began with.</exception>
    public async Task<long> CheckAsync(CancellationToken cancellation)
    {
        var highest = 0L;
        foreach (var shard in Options)
        {
            var connection = Connection(shard.Shard);
            var known = await connection.Run(connection.Database.HashGetAsync(shard.Key("meta"), ["epoch", "shards"]), cancellation);
            if (known[0].IsNull)
            {
                await CheckNoOtherAsync(shard, connection, cancellation);
                continue;
            }

            // Stores of one server did not note their number at first.
            var begunWith = known[1].IsNull ? 1 : (long)known[1];
            if (begunWith != Count)
            {
                throw Misnamed(_options, Count, begunWith);
            }

            highest = Math.Max(highest, (long)known[0]);
        }

        return highest;
    }

    public ValueTask DisposeAsync() => DisposeAsync(_connections);

    private async Task CheckNoOtherAsync(RedisStoreOptions shard, RedisConnection connection, CancellationToken cancellation)
    {
        if (connection.Cluster)
        {
            return;
        }

        object[] others = [.. OtherMeta(shard).Select(key => (RedisKey)key)];
        if ((long)await connection.Run(connection.Database.ExecuteAsync("EXISTS", others), cancellation) > 0)
        {
            throw Misplaced(_options, shard);
        }
    }

    private static async ValueTask DisposeAsync(IEnumerable<RedisConnection> connections)
    {
        foreach (var connection in connections)
        {
            await connection.DisposeAsync();
        }
    }
}
