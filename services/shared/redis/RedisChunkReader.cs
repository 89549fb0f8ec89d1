using Dreamer.Experience;
using StackExchange.Redis;

namespace Dreamer.Redis;

/// <summary>Reads payload on a connection of its own, so that big values never hold up commits. A learner uses it alone.</summary>
public sealed class RedisChunkReader : IChunkReader, IAsyncDisposable
{
    // A few big values per command: the server starts sending while later commands are on their way.
    private const int KeysPerCommand = 4;

    private readonly RedisStoreOptions _options;
    private readonly RedisConnection _connection;

    private RedisChunkReader(RedisStoreOptions options, RedisConnection connection) => (_options, _connection) = (options, connection);

    /// <summary>Connects.</summary>
    /// <exception cref="RedisUnavailableException">No Redis there, or it refuses the password.</exception>
    public static async Task<RedisChunkReader> OpenAsync(RedisStoreOptions options, CancellationToken cancellation) =>
        new(options, await RedisConnection.OpenAsync(options, cancellation));

    public async ValueTask<ReadOnlyMemory<byte>?[]> ReadAsync(ReadOnlyMemory<long> ids, CancellationToken cancellation)
    {
        var pending = new List<Task<RedisValue[]>>();
        for (var first = 0; first < ids.Length; first += KeysPerCommand)
        {
            var keys = new RedisKey[Math.Min(KeysPerCommand, ids.Length - first)];
            for (var index = 0; index < keys.Length; index++)
            {
                keys[index] = _options.Key($"c:{ids.Span[first + index]}");
            }

            pending.Add(_connection.Database.StringGetAsync(keys));
        }

        var result = new ReadOnlyMemory<byte>?[ids.Length];
        var at = 0;
        foreach (var values in await _connection.Run(Task.WhenAll(pending), cancellation))
        {
            foreach (var value in values)
            {
                if (!value.IsNull)
                {
                    result[at] = (byte[]?)value;
                }

                at++;
            }
        }

        return result;
    }

    /// <summary>Weights are big values too: they share this connection.</summary>
    internal RedisPolicyVault Vault => new(_options, _connection);

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
