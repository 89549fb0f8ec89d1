namespace Dreamer.Policies;

/// <summary>Carries weights from the learner to actors. Latest wins: a slow actor skips versions and never queues them.</summary>
public interface IPolicyFeed
{
    /// <summary>Offers a version; one that is not newer than what was offered before is dropped. Returns the newest version held.</summary>
    Task<long> PublishAsync(PolicyBlob blob, CancellationToken cancellationToken);

    /// <summary>Waits for a version above <paramref name="afterVersion"/> (-1 for any) and returns the newest.</summary>
    ValueTask<PolicyBlob> NextAsync(long afterVersion, CancellationToken cancellationToken);
}
