using Dreamer.Policies;

namespace Dreamer.Learner;

/// <summary>A feed whose weights also go to who films episodes with them.</summary>
internal sealed class FilmedFeed(IPolicyFeed feed, PolicyMailbox film) : IPolicyFeed
{
    public async Task<long> PublishAsync(PolicyBlob blob, CancellationToken cancellationToken)
    {
        var newest = await feed.PublishAsync(blob, cancellationToken);
        await film.PublishAsync(blob, cancellationToken);
        return newest;
    }

    public ValueTask<PolicyBlob> NextAsync(long afterVersion, CancellationToken cancellationToken) => feed.NextAsync(afterVersion, cancellationToken);
}
