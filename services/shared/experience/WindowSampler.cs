namespace Dreamer.Experience;

/// <summary>
/// The rules by which windows are drawn. But for priorities, all of their state is the random numbers drawn so far, so a checkpoint resumes them.
/// </summary>
internal static class WindowSampler
{
    private const int Tries = 256;
    private const long Fractions = 1L << 53;

    /// <summary>Uniform in [0, 1).</summary>
    public static double Fraction(SampleRandom random) => (double)random.Next(Fractions) / Fractions;

    /// <summary>
    /// By the mixture of <paramref name="selectors"/>: each rule owns a part of [0, 1), and <paramref name="point"/> lies in one.
    /// </summary>
    public static (IndexedChunk Chunk, int Offset) Draw(
        SelectorOptions selectors, double point, WindowIndex index, int maxChunkSteps, SampleRandom random)
    {
        if (point < selectors.Uniform)
        {
            return Draw(index, maxChunkSteps, random);
        }

        point -= selectors.Uniform;
        if (point < selectors.Prioritized)
        {
            // Where all weigh nothing, all are alike.
            return index.Priorities!.Draw(random, index.Length) ?? Draw(index, maxChunkSteps, random);
        }

        return point < selectors.Prioritized + selectors.Recency ? DrawRecent(index, random) : DrawEnds(index, maxChunkSteps, random);
    }

    /// <summary>
    /// Uniform over all windows: a chunk slot uniformly, an offset uniformly, accepted if a window starts there. When few
    /// slots hold windows (many short streams) one draw over the count of windows and a walk replace further tries.
    /// </summary>
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

        return index.FromOldest(random.Next(index.Items));
    }

    /// <summary>
    /// The n-th newest of N windows with probability ln((n + 1) / n) / ln(N + 1), which falls as 1/n: (N + 1)^u of a uniform u, rounded down, is n.
    /// </summary>
    public static (IndexedChunk Chunk, int Offset) DrawRecent(WindowIndex index, SampleRandom random)
    {
        var newest = Math.Pow(index.Items + 1, Fraction(random));
        return index.FromOldest(index.Items - Math.Clamp((long)newest, 1, index.Items));
    }

    /// <summary>
    /// A step uniformly; where the window from there would run over the end of its episode it moves back to end with it. So of an
    /// episode's N steps, the window that ends it is drawn by the last L (DreamerV2's <c>prioritize_ends</c>). Steps of running
    /// episodes too new to start a window are drawn again, as are those with too little before the end.
    /// </summary>
    public static (IndexedChunk Chunk, int Offset) DrawEnds(WindowIndex index, int maxChunkSteps, SampleRandom random)
    {
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            var chunk = index[(int)random.Next(index.Count)];
            var offset = (int)random.Next(maxChunkSteps);
            if (offset < chunk.Record.Steps && index.EndWithEpisode(chunk, offset) is { } start)
            {
                return start;
            }
        }

        return Draw(index, maxChunkSteps, random);
    }
}
