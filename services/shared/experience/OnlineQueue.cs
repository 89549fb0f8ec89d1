namespace Dreamer.Experience;

/// <summary>
/// Each stream's newest windows, one after another without overlap, in the order in which they became complete.
/// They are drawn before all others.
/// </summary>
internal sealed class OnlineQueue
{
    private readonly Queue<(IndexedChunk Chunk, int Offset)> _windows = [];

    public int Count => _windows.Count;

    /// <summary>Queues the windows that <paramref name="newest"/> completes.</summary>
    public void Advance(IndexedChunk newest, int length)
    {
        // What nobody drew in time is forgotten with its chunk.
        while (_windows.TryPeek(out var oldest) && oldest.Chunk.Evicted)
        {
            _windows.Dequeue();
        }

        var stream = newest.Stream;
        while (newest.FirstStep + newest.Record.Steps - stream.OnlineNext >= length)
        {
            var first = newest;
            while (first is not null && first.FirstStep > stream.OnlineNext)
            {
                first = first.Previous;
            }

            if (first is not null)
            {
                _windows.Enqueue((first, (int)(stream.OnlineNext - first.FirstStep)));
            }

            stream.OnlineNext += length;
        }
    }

    /// <summary>The next window whose chunks are all still in the index.</summary>
    public bool TryTake(out IndexedChunk chunk, out int offset)
    {
        while (_windows.TryDequeue(out var window))
        {
            // The first chunk is the oldest: where it is in the index, its successors are.
            if (!window.Chunk.Evicted)
            {
                (chunk, offset) = window;
                return true;
            }
        }

        (chunk, offset) = (null!, 0);
        return false;
    }

    public void Clear() => _windows.Clear();
}
