namespace Dreamer.Policies;

/// <summary>Keeps the newest weights over restarts.</summary>
public interface IPolicyVault
{
    /// <summary>Replaces what is kept.</summary>
    Task SaveAsync(PolicyBlob blob, CancellationToken cancellationToken);

    /// <summary>What was kept last; null for nothing.</summary>
    Task<PolicyBlob?> LoadAsync(CancellationToken cancellationToken);
}
