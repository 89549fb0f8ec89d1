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

    /// <summary>Loads what an earlier life of the service was given. Where that is damaged the board stays empty, and the answer says why.</summary>
    public async Task<string?> TryRecoverAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await vault.LoadAsync(cancellationToken) is { } blob)
            {
                blob.Verify();
                await HoldAsync(blob, cancellationToken);
            }

            return null;
        }
        catch (PolicyFormatException damaged)
        {
            return $"the weights in the store are of no use, actors wait for the learner's next: {damaged.Message}";
        }
    }

    /// <summary>Takes a verified version if it is newer than what is there; returns the newest version.</summary>
    /// <param name="receive">Gets the version. One is received at a time, so that no number of publishers takes more memory than one.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<long> PublishAsync(Func<Task<PolicyBlob>> receive, CancellationToken cancellationToken)
    {
        await publishing.WaitAsync(cancellationToken);
        try
        {
            var blob = await receive();
            if (blob.Version > Version)
            {
                // Actors need not wait for the store; the learner is told when both have them.
                await HoldAsync(blob, cancellationToken);
                await SaveAsync(blob, cancellationToken);
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
