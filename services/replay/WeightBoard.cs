using Dreamer.Experience;
using Dreamer.Policies;

namespace Dreamer.Replay;

/// <summary>
/// The newest weights: kept in RAM for the actors that are there, and in the store's vault so that actors find them
/// after a restart of this service. Where the store has no room for them, actors get them all the same.
/// </summary>
public sealed class WeightBoard(IPolicyVault vault, Action<string>? warn = null)
{
    private readonly PolicyMailbox newest = new();
    private readonly SemaphoreSlim publishing = new(1, 1);
    private long version = -1;

    /// <summary>Newest version, -1 for none.</summary>
    public long Version => Interlocked.Read(ref version);

    /// <summary>Loads what an earlier life of the service was given.</summary>
    public async Task RecoverAsync(CancellationToken cancellationToken)
    {
        if (await vault.LoadAsync(cancellationToken) is { } blob)
        {
            await newest.PublishAsync(blob, cancellationToken);
            Interlocked.Exchange(ref version, blob.Version);
        }
    }

    /// <summary>Takes a verified version if it is newer than what is there; returns the newest version.</summary>
    public async Task<long> PublishAsync(PolicyBlob blob, CancellationToken cancellationToken)
    {
        await publishing.WaitAsync(cancellationToken);
        try
        {
            if (blob.Version > Version)
            {
                await SaveAsync(blob, cancellationToken);
                await newest.PublishAsync(blob, cancellationToken);
                Interlocked.Exchange(ref version, blob.Version);
            }

            return Version;
        }
        finally
        {
            publishing.Release();
        }
    }

    /// <summary>Waits for a version above the given one.</summary>
    public ValueTask<PolicyBlob> NextAsync(long afterVersion, CancellationToken cancellationToken) =>
        newest.NextAsync(afterVersion, cancellationToken);

    private async Task SaveAsync(PolicyBlob blob, CancellationToken cancellationToken)
    {
        try
        {
            await vault.SaveAsync(blob, cancellationToken);
        }
        catch (StoreFullException full)
        {
            warn?.Invoke($"weights version {blob.Version} are not stored, and a restart of this service would forget them: {full.Message}");
        }
    }
}
