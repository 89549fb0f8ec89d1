namespace Dreamer.Hosting.Edge;

/// <summary>Which roles may call which rpc, by full name (<c>/dreamer.v1.Experience/Push</c>). What is not listed nobody may call.</summary>
public sealed class RpcAccess(IReadOnlyDictionary<string, PeerRole> table)
{
    /// <summary>Whether the role may call the rpc.</summary>
    public bool Allows(string rpc, PeerRole role) => table.TryGetValue(rpc, out var roles) && (roles & role) != 0;
}
