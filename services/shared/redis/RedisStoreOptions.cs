using System.Collections.Immutable;
using System.Net.Security;

namespace Dreamer.Redis;

/// <summary>Where Redis is and how its keys are named.</summary>
public sealed record RedisStoreOptions
{
    /// <summary><c>host:port</c>, comma separated: one per shard, or some nodes of one Redis Cluster; setting <c>replay.redis</c>.</summary>
    public required string Endpoint { get; init; }

    /// <summary>ACL user, empty for the default one; setting <c>replay.user</c>.</summary>
    public string User { get; init; } = "";

    /// <summary>Password of the user, empty for none; read from <c>replay.password_file</c>.</summary>
    public string Password { get; init; } = "";

    /// <summary>How the server is judged and which certificate it is shown; null where TLS is not spoken. Section <c>replay.redis_tls</c>.</summary>
    public SslClientAuthenticationOptions? Tls { get; init; }

    /// <summary>First part of every key. Two runs with different prefixes share a server.</summary>
    public string Prefix { get; init; } = "rb";

    /// <summary>Shard number: its keys carry one hash tag, so that they lie together in a cluster.</summary>
    internal int Shard { get; init; }

    /// <summary>A payload that is not committed within this time expires by itself.</summary>
    public TimeSpan OrphanExpiry { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>An acknowledged commit counts as durable after this time: the AOF is flushed every second, and a late flush takes up to two.</summary>
    public TimeSpan DurableAfter { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>A call without an answer fails after this time.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>From the settings.</summary>
    /// <exception cref="RedisUnavailableException">A setting cannot work; the message names it.</exception>
    public static RedisStoreOptions For(string redis, string user, string passwordFile, SslClientAuthenticationOptions? tls = null)
    {
        var addresses = redis.Split(',', StringSplitOptions.TrimEntries);
        if (addresses.Any(address => address.Length == 0 || address.Contains('=', StringComparison.Ordinal))
            || addresses.Distinct(StringComparer.OrdinalIgnoreCase).Count() < addresses.Length || addresses.Length > RedisShards.MostShards)
        {
            throw new RedisUnavailableException(
                $"replay.redis is '{redis}': write host:port, e.g. 127.0.0.1:6379, or one for each of up to {RedisShards.MostShards} shards, comma separated");
        }

        try
        {
            var password = passwordFile.Length == 0 ? "" : File.ReadAllText(passwordFile).Trim();
            return new RedisStoreOptions { Endpoint = string.Join(',', addresses), User = user, Password = password, Tls = tls };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new RedisUnavailableException($"replay.password_file '{passwordFile}' cannot be read: correct the path or its permissions ({error.Message})", error);
        }
    }

    internal ImmutableArray<string> Addresses => [.. Endpoint.Split(',')];

    internal string Key(string name) => $"{Prefix}:{{{Shard}}}:{name}";
}
