namespace Dreamer.Experience;

/// <summary>
/// Uniform over all windows: a chunk slot uniformly, an offset uniformly, accepted if a window starts there. When few
/// slots hold windows (many short streams) one draw over the count of windows and a walk replace further tries.
/// </summary>
internal static class WindowSampler
{
    private const int Tries = 256;

    public static (IndexedChunk Chunk, int Offset) Draw(WindowIndex index, int maxChunkSteps, SampleRandom random)
    {
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            var chunk = index[(int)random.Next(index.Count)];
            var offset = (int)random.Next(maxChunkSteps);
            if (offset < chunk.ValidStarts)
            {
                return (chunk, offset);
            }
        }

        var left = random.Next(index.Items);
        for (var position = 0; ; position++)
        {
            var chunk = index[position];
            if (left < chunk.ValidStarts)
            {
                return (chunk, (int)left);
            }

            left -= chunk.ValidStarts;
        }
    }
}
