using System.Buffers.Binary;
using Dreamer.Experience;
using Dreamer.Policies;
using StackExchange.Redis;

namespace Dreamer.Redis;

/// <summary>
/// Keeps the newest weights, so that a replay service that starts again can serve them: <c>rb:{r}:w:&lt;version&gt;</c> and
/// the hash <c>rb:{r}:w:head</c>.
/// </summary>
public sealed class RedisPolicyVault : IPolicyVault
{
    private const int HashSize = 32;
    private const int HeaderSize = sizeof(int) + HashSize;
    private static readonly TimeSpan OrphanExpiry = TimeSpan.FromMinutes(10);

    private readonly RedisStoreOptions _options;
    private readonly RedisConnection _connection;

    internal RedisPolicyVault(RedisStoreOptions options, RedisConnection connection) => (_options, _connection) = (options, connection);

    private RedisKey Head => _options.Key("w:head");

    /// <summary>Saves weights and forgets the version before; an older version than the newest is ignored.</summary>
    /// <exception cref="StoreFullException">No room; the version before stays.</exception>
    public async Task SaveAsync(PolicyBlob blob, CancellationToken cancellationToken)
    {
        // Manifest size, hash, manifest, weights.
        var bytes = new byte[HeaderSize + blob.Manifest.Length + blob.Weights.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, blob.Manifest.Length);
        blob.Sha256.Span.CopyTo(bytes.AsSpan(sizeof(int), HashSize));
        blob.Manifest.Span.CopyTo(bytes.AsSpan(HeaderSize));
        blob.Weights.Span.CopyTo(bytes.AsSpan(HeaderSize + blob.Manifest.Length));

        var database = _connection.Database;
        var before = await _connection.Run(database.HashGetAsync(Head, "version"), cancellationToken);
        await _connection.Run(database.StringSetAsync(Weights(blob.Version), bytes, OrphanExpiry), cancellationToken);
        var answer = (RedisValue[]?)await _connection.Run(
            database.ScriptEvaluateAsync(RedisScripts.PublishPolicy, [Head, Weights(blob.Version)], [blob.Version, bytes.Length, blob.Steps]), cancellationToken) ?? [];
        if ((string?)answer[0] == "OK" && !before.IsNull && (long)before != blob.Version)
        {
            await _connection.Run(database.KeyDeleteAsync(Weights((long)before)), cancellationToken);
        }
    }

    /// <summary>The newest weights, null when there are none. Verify them: they may be damaged like any that arrive.</summary>
    public async Task<PolicyBlob?> LoadAsync(CancellationToken cancellationToken)
    {
        var head = await _connection.Run(_connection.Database.HashGetAsync(Head, ["version", "steps"]), cancellationToken);
        var version = head[0];
        if (version.IsNull)
        {
            return null;
        }

        var stored = await _connection.Run(_connection.Database.StringGetAsync(Weights((long)version)), cancellationToken);
        if (stored.IsNull)
        {
            return null;
        }

        ReadOnlyMemory<byte> bytes = (byte[]?)stored;
        var manifest = bytes.Length < HeaderSize ? -1 : BinaryPrimitives.ReadInt32LittleEndian(bytes.Span);
        return manifest < 0 || manifest > bytes.Length - HeaderSize
            ? throw new PolicyFormatException($"policy version {(long)version} in replay.redis is cut short: it is replaced at the learner's next publication.")
            : new PolicyBlob((long)version, bytes.Slice(HeaderSize, manifest), bytes[(HeaderSize + manifest)..], bytes.Slice(sizeof(int), HashSize)) { Steps = head[1].IsNull ? 0 : (long)head[1] };
    }

    private RedisKey Weights(long version) => _options.Key($"w:{version}");
}
