using System.Net.Security;
using Dreamer.Experience;
using Dreamer.Policies;

namespace Dreamer.Redis;

/// <summary>Opens what services need of Redis, from the settings <c>replay.redis</c>, <c>replay.user</c>, <c>replay.password_file</c> and <c>replay.redis_tls</c>.</summary>
public static class RedisStores
{
    /// <summary>The replay service's side: takes the writer's lease. The vault lives as long as the store.</summary>
    /// <param name="redis"><c>host:port</c>, one per shard or nodes of one cluster, comma separated.</param>
    /// <param name="user">ACL user, empty for the default one.</param>
    /// <param name="passwordFile">File with the password, empty for none.</param>
    /// <param name="tls">TLS of the connections, null for none.</param>
    /// <param name="time">Clock of the durable mark.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <exception cref="RedisUnavailableException">The message names the setting and the remedy.</exception>
    public static async Task<(IChunkStore Store, IPolicyVault Vault)> OpenAsync(
        string redis, string user, string passwordFile, SslClientAuthenticationOptions? tls, TimeProvider time, CancellationToken cancellation)
    {
        var store = await RedisChunkStore.OpenAsync(RedisStoreOptions.For(redis, user, passwordFile, tls), time, cancellation);
        return (store, store.Vault);
    }

    /// <summary>The learner's side: reads payload only.</summary>
    /// <exception cref="RedisUnavailableException">The message names the setting and the remedy.</exception>
    public static Task<RedisChunkReader> OpenReaderAsync(
        string redis, string user, string passwordFile, SslClientAuthenticationOptions? tls, CancellationToken cancellation) =>
        RedisChunkReader.OpenAsync(RedisStoreOptions.For(redis, user, passwordFile, tls), cancellation);
}
