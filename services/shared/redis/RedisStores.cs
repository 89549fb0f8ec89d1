using System.Net.Security;
using Dreamer.Experience;
using Dreamer.Policies;

namespace Dreamer.Redis;

/// <summary>Opens what services need of Redis, from the settings <c>replay.redis</c>, <c>replay.user</c>, <c>replay.password_file</c> and <c>replay.redis_tls</c>.</summary>
public static class RedisStores
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>Tries again while Redis does not answer. What waiting cannot mend, such as a wrong password, fails at once.</summary>
    /// <param name="open">One attempt.</param>
    /// <param name="patience">Setting <c>replay.redis_wait_seconds</c>.</param>
    /// <param name="waiting">Told why before each pause.</param>
    /// <param name="time">Clock of the patience.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="RedisUnavailableException">The message names the setting and the remedy.</exception>
    public static async Task<T> WaitAsync<T>(Func<Task<T>> open, TimeSpan patience, Func<string, Task> waiting, TimeProvider time, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        for (var pause = FirstPause; ; pause = pause < LongestPause / 2 ? pause * 2 : LongestPause)
        {
            try
            {
                return await open();
            }
            catch (RedisUnavailableException away) when (away.MayPass && patience > TimeSpan.Zero)
            {
                if (time.GetElapsedTime(began) >= patience)
                {
                    throw new RedisUnavailableException($"{away.Message}; nor did it for {patience.TotalSeconds:0.#} s, which is replay.redis_wait_seconds", away);
                }

                await waiting(away.Message);
            }

            await Task.Delay(pause, time, cancellation);
        }
    }

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
