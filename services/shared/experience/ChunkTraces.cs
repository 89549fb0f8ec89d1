using System.Diagnostics;

namespace Dreamer.Experience;

/// <summary>
/// Spans of the way through the replay. A traced chunk is followed into the first batch that draws it: that plan goes on with the chunk's
/// trace, and links to the other traced chunks that it draws first. Guarded by its owner.
/// </summary>
internal sealed class ChunkTraces
{
    private const int MaxWaiting = 1024;
    private const int MaxLinks = 32;

    private static readonly ActivitySource Source = new("Dreamer.Experience");

    private readonly Dictionary<long, ActivityContext> _waiting = [];
    private readonly Queue<long> _order = [];

    /// <summary>The span of a commit; null for a chunk that is not traced.</summary>
    public static Activity? Commit(Chunk chunk) => chunk.Trace == default
        ? null
        : Source.StartActivity("commit chunk", ActivityKind.Consumer, chunk.Trace)
            ?.SetTag("stream", chunk.Stream.ToString()).SetTag("sequence", chunk.Sequence);

    /// <summary>The chunk of that span has this id.</summary>
    public void Committed(long id, Activity? commit)
    {
        if (commit is not { Recorded: true })
        {
            return;
        }

        if (_order.Count == MaxWaiting)
        {
            _waiting.Remove(_order.Dequeue());
        }

        _order.Enqueue(id);
        _waiting[id] = commit.Context;
    }

    /// <summary>The span of a plan over these chunks; null where none of them is followed.</summary>
    /// <param name="ids">Its chunks.</param>
    /// <param name="asked">When it was asked for.</param>
    public Activity? Plan(IEnumerable<long> ids, DateTimeOffset asked)
    {
        if (_waiting.Count == 0)
        {
            return null;
        }

        var followed = new List<ActivityContext>();
        foreach (var id in ids)
        {
            if (_waiting.Remove(id, out var commit) && followed.Count <= MaxLinks)
            {
                followed.Add(commit);
            }
        }

        return followed.Count == 0
            ? null
            : Source.StartActivity(
                "plan batch", ActivityKind.Producer, followed[0], links: followed.Skip(1).Select(commit => new ActivityLink(commit)), startTime: asked);
    }
}
