using Dreamer.Experience;
using StackExchange.Redis;

namespace Dreamer.Redis;

/// <summary>
/// Keeps the newest weights, so that a replay service that starts again can serve them: <c>w:{r}:&lt;version&gt;</c> and the
/// hash <c>w:{r}:head</c>.
/// </summary>
public sealed class RedisPolicyVault : IAsyncDisposable
{
    private static readonly TimeSpan OrphanExpiry = TimeSpan.FromMinutes(10);

    private readonly RedisStoreOptions _options;
    private readonly RedisConnection _connection;

    private RedisPolicyVault(RedisStoreOptions options, RedisConnection connection) => (_options, _connection) = (options, connection);

    /// <summary>Connects.</summary>
    /// <exception cref="RedisUnavailableException">No Redis there, or it refuses the password.</exception>
    public static async Task<RedisPolicyVault> OpenAsync(RedisStoreOptions options, CancellationToken cancellation) =>
        new(options, await RedisConnection.OpenAsync(options, cancellation));

    /// <summary>Saves weights and forgets the version before; an older version than the newest is ignored.</summary>
    /// <exception cref="StoreFullException">No room; the version before stays.</exception>
    public async Task SaveAsync(long version, ReadOnlyMemory<byte> blob, CancellationToken cancellation)
    {
        var before = await _connection.Run(_connection.Database.HashGetAsync(Head, "version"), cancellation);
        await _connection.Run(_connection.Database.StringSetAsync(Weights(version), blob.ToArray(), OrphanExpiry), cancellation);
        var answer = (RedisValue[]?)await _connection.Run(
            _connection.Database.ScriptEvaluateAsync(RedisScripts.PublishPolicy, [Head, Weights(version)], [version, blob.Length]), cancellation) ?? [];
        if ((string?)answer[0] == "OK" && !before.IsNull && (long)before != version)
        {
            await _connection.Run(_connection.Database.KeyDeleteAsync(Weights((long)before)), cancellation);
        }
    }

    /// <summary>The newest weights, null when there are none.</summary>
    public async Task<(long Version, ReadOnlyMemory<byte> Blob)?> LoadAsync(CancellationToken cancellation)
    {
        var version = await _connection.Run(_connection.Database.HashGetAsync(Head, "version"), cancellation);
        if (version.IsNull)
        {
            return null;
        }

        var blob = await _connection.Run(_connection.Database.StringGetAsync(Weights((long)version)), cancellation);
        return blob.IsNull ? null : ((long)version, (byte[]?)blob);
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private RedisKey Head => _options.Key("w:head");

    private RedisKey Weights(long version) => _options.Key($"w:{version}");
}
