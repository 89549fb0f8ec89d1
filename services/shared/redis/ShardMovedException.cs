namespace Dreamer.Redis;

/// <summary>A node of a cluster says that another one holds the shard.</summary>
internal sealed class ShardMovedException(string message) : IOException(message);
