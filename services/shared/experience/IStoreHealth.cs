namespace Dreamer.Experience;

/// <summary>A store on servers that can be asked how they are doing.</summary>
public interface IStoreHealth
{
    /// <summary>Addresses of all servers, those that are down included.</summary>
    IReadOnlyList<string> Servers { get; }

    /// <summary>The servers that answer.</summary>
    /// <exception cref="StoreUnavailableException">None does.</exception>
    ValueTask<IReadOnlyList<StoreHealth>> HealthAsync(CancellationToken cancellation);
}
