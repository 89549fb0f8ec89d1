namespace Dreamer.Redis;

/// <summary>Where Redis is and how its keys are named.</summary>
public sealed record RedisStoreOptions
{
    /// <summary><c>host:port</c>; setting <c>replay.redis</c>.</summary>
    public required string Endpoint { get; init; }

    /// <summary>Password of the default user; setting <c>replay.redis_password</c>.</summary>
    public string? Password { get; init; }

    /// <summary>First part of every key; setting <c>replay.prefix</c>. Two runs with different prefixes share a server.</summary>
    public string Prefix { get; init; } = "rb";

    /// <summary>Shard number: its keys carry one hash tag, so that they lie together in a cluster.</summary>
    public int Shard { get; init; }

    /// <summary>A payload that is not committed within this time expires by itself.</summary>
    public TimeSpan OrphanExpiry { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>An acknowledged commit counts as durable after this time: the AOF is flushed every second, and a late flush takes up to two.</summary>
    public TimeSpan DurableAfter { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>A call without an answer fails after this time.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    internal string Key(string name) => $"{Prefix}:{{{Shard}}}:{name}";
}
