using Dreamer.Policies;

namespace Dreamer.Replay;

/// <summary>
/// The newest weights: kept in RAM for the actors that are there, and in the store's vault so that actors find them
/// after a restart of this service.
/// </summary>
public sealed class WeightBoard(IPolicyVault vault)
{
    private readonly PolicyMailbox newest = new();
    private readonly SemaphoreSlim publishing = new(1, 1);
    private readonly TimeProvider time = TimeProvider.System;
    private long version = -1;
    private long steps;
    private long arrived;

    /// <summary>Newest version, -1 for none.</summary>
    public long Version => Interlocked.Read(ref version);

    /// <summary>Steps in the replay when they were published.</summary>
    public long Steps => Interlocked.Read(ref steps);

    /// <summary>Since they came here; zero for none.</summary>
    public TimeSpan Age => Version < 0 ? TimeSpan.Zero : time.GetElapsedTime(Interlocked.Read(ref arrived));

    /// <summary>Loads what an earlier life of the service was given.</summary>
    public async Task RecoverAsync(CancellationToken cancellationToken)
    {
        if (await vault.LoadAsync(cancellationToken) is { } blob)
        {
            await HoldAsync(blob, cancellationToken);
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
                await vault.SaveAsync(blob, cancellationToken);
                await HoldAsync(blob, cancellationToken);
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

    private async Task HoldAsync(PolicyBlob blob, CancellationToken cancellationToken)
    {
        await newest.PublishAsync(blob, cancellationToken);
        Interlocked.Exchange(ref steps, blob.Steps);
        Interlocked.Exchange(ref arrived, time.GetTimestamp());
        Interlocked.Exchange(ref version, blob.Version);
    }
}
